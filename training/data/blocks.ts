/** @file Examples that must not be parted. */

/** For each example the number of its block: the first example that it hangs together with. Two examples that share a key are in one block,
 *  and so are those that a chain of such pairs joins. */
export function blocksOf<T>(examples: readonly T[], keysOf: (example: T) => readonly string[]): number[] {
  const parent = examples.map((_, at) => at);
  const rootOf = (at: number): number => {
    let root = at;
    while (parent[root] !== root) root = parent[root]!;
    for (let next = at; next !== root; ) [next, parent[next]] = [parent[next]!, root];
    return root;
  };
  const first = new Map<string, number>();
  for (const [at, example] of examples.entries()) {
    for (const key of keysOf(example)) {
      const known = first.get(key);
      if (known === undefined) first.set(key, at);
      else {
        const [a, b] = [rootOf(known), rootOf(at)];
        parent[Math.max(a, b)] = Math.min(a, b);
      }
    }
  }
  return examples.map((_, at) => rootOf(at));
}
