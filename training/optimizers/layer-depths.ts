/** @file How far each parameter lies below the head, told by its name. */

/** `encoder.layer.3.`, `h.3.`, `blocks.3.`; or `weight_ih_l3`, `l3.`. */
const numbered = /(?:^|\.)(?:layers?|h|blocks?)\.(\d+)(?=\.|$)|(?:^|[._])l(\d+)(?=[._]|$)/;
const embedding = /embed|(?:^|\.)(?:wte|wpe|mask_emb)(?:\.|$)/;
/** Layers of these are not the encoder's. */
const head = /(?:^|\.)(?:classifier|head|heads|pooler|mlp)(?:\.|$)/;

type Place = { readonly stack: string; readonly layer: number };

/**
 * 0 for what is no layer (pooler, head, last normalisation), 1 for the top layer, 2 for the one below it, and one more than the lowest layer for
 * embeddings. Each stack of layers (`bert.encoder`, a GRU on top of it) is counted by itself.
 */
export function layerDepths(names: readonly string[]): ReadonlyMap<string, number> {
  const places = new Map(names.map((name) => [name, placeOf(name)] as const));
  const heights = new Map<string, number>();
  for (const place of places.values()) {
    if (place) heights.set(place.stack, Math.max(heights.get(place.stack) ?? 0, place.layer + 1));
  }
  const lowest = Math.max(0, ...heights.values()) + 1;
  const depthOf = (name: string): number => {
    const place = places.get(name);
    if (place) return heights.get(place.stack)! - place.layer;
    return embedding.test(name) ? lowest : 0;
  };
  return new Map(names.map((name) => [name, depthOf(name)]));
}

function placeOf(name: string): Place | undefined {
  const found = numbered.exec(name);
  if (!found) return undefined;
  const path = name.slice(0, found.index);
  const stack = name[found.index] === '_' ? path.replace(/[^.]*$/, '') : path; // weight_ih_l0 is the GRU's as bias_hh_l0 is
  return head.test(stack) ? undefined : { stack, layer: Number(found[1] ?? found[2]) };
}
