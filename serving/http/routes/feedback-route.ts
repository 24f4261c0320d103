/** @file `POST /feedback`: a client says what a text should have been. */
import type { Request } from 'express';
import type { Desk, Limits } from '../../desk/index.js';
import { invalidRequest, parseBody } from '../../dialects/index.js';
import { checkTexts, type FeedbackRequest, feedbackRequestSchema, ServiceError } from '../../protocol/index.js';
import type { ExchangeResponse } from '../intake/exchange.js';
import { readJson } from '../intake/read-json.js';
import type { Review } from '../review.js';

export type FeedbackDeps = { readonly desk: Desk; readonly limits: Limits; readonly review: Review };

export function takeFeedback({ desk, limits, review }: FeedbackDeps) {
  return async (request: Request, response: ExchangeResponse): Promise<object> => {
    const {
      text,
      pair,
      model: reference,
      note,
      idempotencyKey,
      ...said
    } = parseBody(feedbackRequestSchema, await readJson(request, response, limits));
    checkTexts([pair === undefined ? text : [text, pair]], limits);
    const { key, manifest } = desk.catalogue.find(reference);
    const opinion = opinionOf(said, manifest.labels, manifest.activation === 'sigmoid');
    const client = response.locals.client?.id;
    const { id, repeated } = await review.store.suggest({ text, pair, model: key, note, idempotencyKey, client, ...opinion });
    if (!repeated) review.suggested();
    return { id, repeated };
  };
}

type Said = Pick<FeedbackRequest, 'label' | 'labels' | 'scores'>;

/** In the form of the model: one label, or several. @throws ServiceError `invalid-request`, `unknown-label`, `labels-unexpected` */
function opinionOf({ label, labels, scores }: Said, known: readonly string[], several: boolean): Said {
  const given = [label, labels, scores].filter((value) => value !== undefined);
  if (given.length !== 1) throw invalidRequest('one of "label", "labels" and "scores" is wanted', 'say what the text should have been');
  const named = labels ?? (label === undefined ? Object.keys(scores ?? {}) : [label]);
  if (named.length === 0 && labels === undefined)
    throw invalidRequest('"scores" is empty', 'give a score for each label that is meant', 'scores');
  if (named.some((one) => !known.includes(one)))
    throw new ServiceError('unknown-label', 'a label is not one of the model', `use some of ${known.join(', ')}`);
  if (!several && labels !== undefined) throw new ServiceError('labels-unexpected', 'the model gives one label', 'send "label"');
  if (!several) return label === undefined ? { scores } : { label };
  return { labels: scores ? named.filter((one) => scores[one]! > 0.5) : named, ...(scores ? { scores } : {}) };
}
