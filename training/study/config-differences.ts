/** @file What differs between configs, key by key. */

export type ConfigDifference = {
  readonly key: string;
  /** In the order of the configs; `undefined` where it is not set. */
  readonly values: readonly unknown[];
};

/** @param configs as they were resolved */
export function configDifferences(configs: readonly object[]): ConfigDifference[] {
  const all = configs.map((config) => new Map(leaves(config)));
  const keys = new Set(all.flatMap((one) => [...one.keys()]));
  return [...keys].flatMap((key) => {
    const values = all.map((one) => one.get(key));
    return new Set(values.map((value) => JSON.stringify(value))).size > 1 ? [{ key, values }] : [];
  });
}

/** What says how and where a config was run, and with which seed, but not what was tried. */
const incidental = /^(name|license|notice|training\.(seed|threads|keep|checkpointEvery|engine|provider))$/;

/** Runs with equal keys tried the same thing, if with other seeds. */
export const withoutSeed = (config: object): string => JSON.stringify(leaves(config).filter(([key]) => !incidental.test(key)));

/** JSON by dotted key; a list is one value. */
function leaves(value: object, path: readonly string[] = []): (readonly [string, unknown])[] {
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, inner]: [string, unknown]) => {
      const at = [...path, key];
      const isObject = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
      return isObject ? leaves(inner, at) : inner === undefined ? [] : [[at.join('.'), inner] as const];
    });
}
