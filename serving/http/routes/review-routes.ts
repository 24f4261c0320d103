/** @file `/review` and `/feedback`: reviewers at the queue of held texts, and clients who say that a verdict was wrong. */
import type { Express, Request } from 'express';
import type { z } from 'zod';
import type { Access } from '../../access/index.js';
import type { Desk, Limits } from '../../desk/index.js';
import { invalidRequest, parseBody } from '../../dialects/index.js';
import {
  claimRequestSchema,
  decisionRequestSchema,
  eraseRequestSchema,
  type Operation,
  type ReviewItem,
  releaseRequestSchema,
  reviewListQuery,
  ServiceError,
} from '../../protocol/index.js';
import type { Outcome } from '../../review/index.js';
import { type ExchangeHandler, type ExchangeResponse, sendJson } from '../intake/exchange.js';
import { guard } from '../intake/guard.js';
import { parseQuery } from '../intake/parse-query.js';
import { readJson } from '../intake/read-json.js';
import type { Review } from '../review.js';
import { takeFeedback } from './feedback-route.js';
import { exportRoute } from './review-export.js';
import { reviewOperations } from './review-operations.js';

export type ReviewRouteDeps = {
  readonly access: Access;
  readonly desk: Desk;
  readonly limits: Limits;
  /** Absent: there is no queue, and none of these paths. */
  readonly review?: Review | undefined;
};

type Act = (request: Request, response: ExchangeResponse) => Promise<object>;

export const reviewOperationList: readonly Operation[] = Object.values(reviewOperations);

/**
 * @param otherMethods answers what a path does not take
 * @param hasPage whether a browser that looks at `/review` can be given the page for reviewers
 */
export function mountReview(
  app: Express,
  { access, desk, limits, review }: ReviewRouteDeps,
  otherMethods: (name: string, ...methods: readonly string[]) => ExchangeHandler,
  hasPage: boolean,
): void {
  if (!review) return;
  const acts = actsOf(review, desk, limits);
  for (const name of Object.keys(acts) as (keyof typeof acts)[]) {
    const { method, path, scope, name: route } = reviewOperations[name];
    const answer: ExchangeHandler = async (request, response: ExchangeResponse) =>
      sendJson(response, 200, await acts[name](request, response));
    const first = guard(access, { name: route, scope, local: true });
    const mounted = app.route(path.replace(/\{(\w+)\}/, ':$1'));
    if (method === 'POST') mounted.post(first, answer).all(otherMethods(route, 'POST'));
    else mounted.get(leaveToPage(hasPage), first, answer).all(otherMethods(route, 'GET', 'HEAD'));
  }
  const { path, scope, name } = reviewOperations.export;
  app
    .route(path)
    .get(guard(access, { name, scope, local: true }), exportRoute(review.store))
    .all(otherMethods(name, 'GET', 'HEAD'));
}

function actsOf(review: Review, desk: Desk, limits: Limits): { readonly [N in Exclude<keyof typeof reviewOperations, 'export'>]: Act } {
  const { store, options } = review;
  const read = async <S extends z.ZodType>(request: Request, response: ExchangeResponse, schema: S): Promise<z.output<S>> =>
    parseBody(schema, await readJson(request, response, limits));
  return {
    list: async (request) => store.ask('list', parseQuery(reviewListQuery, request)),
    claim: async (request, response) => {
      const { reviewer, leaseSeconds = options.leaseSeconds, ...wanted } = await read(request, response, claimRequestSchema);
      return store.ask('claim', { ...wanted, by: nameOf(response, reviewer), leaseMs: leaseSeconds * 1_000 });
    },
    decide: async (request, response) => {
      const decision = await read(request, response, decisionRequestSchema);
      const { action, label, labels, reviewer } = decision;
      if (action === undefined && label === undefined && labels === undefined)
        throw invalidRequest('nothing is decided', 'send "action", "label" or both');
      if (label !== undefined && labels !== undefined) throw invalidRequest('both "label" and "labels" were given', 'send one of them');
      const item = itemOf(await store.ask('decide', { id: idOf(request), by: nameOf(response, reviewer), decision }));
      const given = item.outcome?.label;
      review.decided(action, given === undefined ? undefined : given === item.label);
      return item;
    },
    release: async (request, response) => {
      const { reviewer } = await read(request, response, releaseRequestSchema);
      return itemOf(await store.ask('release', { id: idOf(request), by: nameOf(response, reviewer) }));
    },
    erase: async (request, response) => {
      const asked = eraseRequestSchema.safeParse(await readJson(request, response, limits));
      if (asked.success) return store.erase(asked.data);
      throw invalidRequest('the body is none of one item, one text and one client', 'send {"id": "…"}, {"text": "…"} or {"client": "…"}');
    },
    feedback: takeFeedback({ desk, limits, review }),
  };
}

/** Who claims and decides: whose key it is, and which of those who share it. */
const nameOf = ({ locals }: ExchangeResponse, reviewer: string | undefined): string =>
  [locals.client?.id ?? 'unknown', ...(reviewer === undefined ? [] : [reviewer])].join('/');

const idOf = ({ params }: Request): string => String(params.id);

/** @throws ServiceError `unknown-item`, `item-taken`, `unknown-label` */
function itemOf(outcome: Outcome): ReviewItem {
  if (outcome.kind === 'done') return outcome.item;
  if (outcome.kind === 'unknown')
    throw new ServiceError('unknown-item', 'there is no such item', 'it may have been erased; claim another one');
  if (outcome.kind === 'unknown-label')
    throw new ServiceError('unknown-label', 'a label is not one of the model', 'use the names in "scores" of the item');
  const { status } = outcome.item;
  const what = status === 'decided' ? 'it is decided already' : 'somebody else has claimed it';
  throw new ServiceError('item-taken', what, 'claim another one; GET /review shows what became of it');
}

/** A person who follows a link gets the page, which then asks here in its turn. */
function leaveToPage(hasPage: boolean): ExchangeHandler {
  return (request, response, next) => {
    response.setHeader('vary', 'accept');
    if (hasPage && request.accepts(['json', 'html']) === 'html') next('route');
    else next();
  };
}
