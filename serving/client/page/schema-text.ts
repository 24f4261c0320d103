/** @file A JSON schema as people read it: in the notation of TypeScript's types. */

export type JsonSchema = {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
};

/** @param resolve what a `$ref` stands for */
export function schemaText(schema: JsonSchema, resolve: (ref: string) => JsonSchema | undefined, indent = ''): string {
  const write = (one: JsonSchema, deeper = indent): string => schemaText(one, resolve, deeper);
  if (schema.$ref !== undefined) {
    const meant = resolve(schema.$ref);
    return meant ? write(meant) : schema.$ref;
  }
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return [...new Set(choices.map((one) => write(one)))].join(' | ');
  if (Array.isArray(schema.type)) return schema.type.join(' | ');
  if (schema.type === 'array') return arrayText(schema, write);
  if (schema.type === 'object' || schema.properties) return objectText(schema, write, indent);
  return typeof schema.type === 'string' ? schema.type : 'anything';
}

function arrayText({ items, prefixItems }: JsonSchema, write: (one: JsonSchema) => string): string {
  if (prefixItems) return `[${prefixItems.map((one) => write(one)).join(', ')}]`;
  const of = items ? write(items) : 'anything';
  const several = items?.anyOf ?? items?.oneOf ?? items?.enum ?? [];
  return several.length > 1 || Array.isArray(items?.type) ? `(${of})[]` : `${of}[]`;
}

function objectText(
  { properties = {}, required = [], additionalProperties }: JsonSchema,
  write: (one: JsonSchema, deeper: string) => string,
  indent: string,
): string {
  const deeper = `${indent}  `;
  const lines = Object.entries(properties).map(([name, one]) => {
    const key = /^[a-z_$][\w$]*$/i.test(name) ? name : JSON.stringify(name);
    return `${deeper}${key}${required.includes(name) ? '' : '?'}: ${write(one, deeper)};`;
  });
  const rest = typeof additionalProperties === 'object' ? additionalProperties : undefined;
  if (rest && Object.keys(rest).length > 0) lines.push(`${deeper}[name: string]: ${write(rest, deeper)};`);
  return lines.length === 0 ? '{}' : `{\n${lines.join('\n')}\n${indent}}`;
}
