/** @file The keys of a zod schema, for messages about unknown ones and for the page that lists them. */

type Schema = {
  safeParse(value: unknown): { readonly success: boolean };
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly def: { readonly innerType?: Schema; readonly element?: Schema; readonly options?: readonly Schema[] };
};

/** The keys at a path; where a thing has kinds, those of the kind that `given` is there, or of all where it is none of them. */
export function keysAt(schema: unknown, path: readonly PropertyKey[], given?: unknown): readonly string[] {
  type Place = { readonly schema: Schema; readonly given: unknown };
  const below = (at: Place, key: PropertyKey): readonly Place[] => {
    const inner = (at.given as Readonly<Record<PropertyKey, unknown>> | null | undefined)?.[key];
    const { element } = unwrapped(at.schema).def;
    const schemas = element ? [element] : meant(at).flatMap((variant) => variant.shape?.[String(key)] ?? []);
    return schemas.map((one) => ({ schema: one, given: inner }));
  };
  const found = path.reduce<readonly Place[]>((all, key) => all.flatMap((at) => below(at, key)), [{ schema: schema as Schema, given }]);
  return [...new Set(found.flatMap(meant).flatMap(({ shape }) => Object.keys(shape ?? {})))];
}

function meant({ schema, given }: { readonly schema: Schema; readonly given: unknown }): readonly Schema[] {
  const all = variants(schema);
  if (typeof given !== 'object' || given === null) return all;
  const { kind } = given as { readonly kind?: unknown };
  const ofKind = all.filter(({ shape }) => shape?.kind?.safeParse(kind).success);
  return ofKind.length > 0 ? ofKind : all;
}

/** Every dotted key that has no keys of its own. */
export function leavesOf(schema: unknown, path: readonly string[] = []): readonly string[] {
  const objects = variants(schema as Schema).filter(({ shape }) => shape);
  if (objects.length === 0) return [path.join('.')];
  return [...new Set(objects.flatMap(({ shape }) => Object.entries(shape!).flatMap(([key, one]) => leavesOf(one, [...path, key]))))];
}

/** What is inside defaults and optionals. */
const unwrapped = (schema: Schema): Schema => (schema.def.innerType ? unwrapped(schema.def.innerType) : schema);

/** The object that a schema is, or those it may be. */
function variants(schema: Schema): readonly Schema[] {
  const inner = unwrapped(schema);
  return inner.def.options ? inner.def.options.flatMap(variants) : [inner];
}
