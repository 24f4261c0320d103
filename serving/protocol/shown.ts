/** @file What of a request may be repeated in an answer: names, never something that could be a text. */

/** `name` in quotes; `otherwise` where it has the form of no name. Somebody's text ends up in the wrong place sooner or later. */
export function shown(name: string, otherwise: string): string {
  return /^[\w./@:+-]{1,64}$/.test(name) ? JSON.stringify(name) : otherwise;
}
