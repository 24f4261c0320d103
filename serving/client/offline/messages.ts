/** @file What page and service worker say to each other. */

/** The page's person wants the new version now. */
export type ToServiceWorker = { readonly kind: 'take-over' };

/** A version could not be kept. */
export type FromServiceWorker = { readonly kind: 'not-kept'; readonly noRoom: boolean; readonly why: string };
