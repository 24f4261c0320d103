/** @file What a key may be used for. */

export const scopes = ['classify', 'feedback', 'review', 'jobs', 'admin', 'metrics'] as const;

export type Scope = (typeof scopes)[number];

/** What each scope opens, for people who give out keys. */
export const scopeMeanings: { readonly [S in Scope]: string } = {
  classify: 'ask models for verdicts, list them, fetch their files',
  feedback: 'say that a verdict was wrong',
  review: 'read texts that were held, and decide on them',
  jobs: 'send files of texts, and fetch the results',
  admin: 'load, unload and switch models; erase what was stored',
  metrics: 'read the metrics',
};

/**
 * What may be done where no keys are asked for. What reads, changes or keeps something that others sent is not among it: a proxy
 * on the same machine makes a server on loopback one for everybody.
 */
export const openScopes: readonly Scope[] = ['classify', 'feedback', 'metrics'];
