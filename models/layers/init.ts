/** @file How a parameter starts when nothing is loaded into it. */
export type Init =
  | { readonly kind: 'zeros' }
  | { readonly kind: 'ones' }
  /** Normal with mean 0, cut at two deviations, as BERT starts. */
  | { readonly kind: 'normal'; readonly deviation: number };
