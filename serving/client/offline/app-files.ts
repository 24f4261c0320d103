/** @file The files that the page is made of, as the build writes them into the service worker. */

export type AppFile = {
  /** On the server, from the root. */
  readonly path: string;
  readonly sha256: string;
  /** Not kept before a page asks for it: what only some devices can use. */
  readonly later: boolean;
};
