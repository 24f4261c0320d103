export type Generated = {
  /** Prompt and what follows, the end token included. */
  readonly ids: readonly number[];
  readonly promptLength: number;
  /** Of what follows, as the model gives it: no temperature, no token left out. */
  readonly logProbability: number;
  /** Whether it ends with the end token rather than for want of room. */
  readonly ended: boolean;
};
