/** @file What the page for reviewers asks the server. */
import type { z } from 'zod';
import {
  type claimRequestSchema,
  claimResponseSchema,
  type DecisionRequest,
  errorResponseSchema,
  type ReviewItem,
  reviewItemSchema,
} from '../../protocol/index.js';
import { keyHeaders } from './held-key.js';

export type Claimed = z.infer<typeof claimResponseSchema>;

/** `status` 0: the server cannot be reached. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Each asks with the key of this tab, where there is one, and throws `Refused` in the server's own words. */
export const reviewServer = {
  claim: async (request: z.input<typeof claimRequestSchema>): Promise<Claimed> =>
    claimResponseSchema.parse(await post('/review/claim', request)),
  decide: async (id: string, decision: DecisionRequest): Promise<ReviewItem> =>
    reviewItemSchema.parse(await post(`/review/${encodeURIComponent(id)}/decision`, decision)),
  release: async (id: string, reviewer: string): Promise<ReviewItem> =>
    reviewItemSchema.parse(await post(`/review/${encodeURIComponent(id)}/release`, { reviewer })),
};

async function post(path: string, body: object): Promise<unknown> {
  const headers = { 'content-type': 'application/json', ...keyHeaders() };
  const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) }).catch(() => {
    throw new Refused(0, 'The server cannot be reached. Is it still running?');
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer;
  const { data } = errorResponseSchema.safeParse(answer);
  throw new Refused(response.status, data ? `${data.error.message}. ${data.error.fix}.` : `The server answered ${response.status}.`);
}
