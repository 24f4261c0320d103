/** @file The keys of a zod schema, for messages about unknown ones and for the page that lists them. */

type Schema = {
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly def: { readonly innerType?: Schema; readonly element?: Schema; readonly options?: readonly Schema[] };
};

/** The keys at a path; where a thing has variants, those of all. */
export function keysAt(schema: unknown, path: readonly PropertyKey[]): readonly string[] {
  const below = (one: Schema, key: PropertyKey): readonly Schema[] => {
    const { element } = unwrapped(one).def;
    return element ? [element] : variants(one).flatMap((variant) => variant.shape?.[String(key)] ?? []);
  };
  const found = path.reduce<readonly Schema[]>((all, key) => all.flatMap((one) => below(one, key)), [schema as Schema]);
  return [...new Set(found.flatMap(variants).flatMap(({ shape }) => Object.keys(shape ?? {})))];
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
