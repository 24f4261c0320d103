/** @file Points on the way to a text to what an explain graph says of each: queued and run as texts are, in batches of their own. */
import { randomUUID } from 'node:crypto';
import type { PathPoint } from '../../models/index.js';
import { explainLane } from './batch-job.js';
import type { ServedModel } from './catalogue.js';
import type { InFlight } from './in-flight.js';
import { gone, refuse } from './refusals.js';
import { idle, type Request } from './request.js';

export type PointOptions = {
  readonly client?: string | undefined;
  /** Milliseconds in which the answer must be there. */
  readonly timeoutMs: number;
};

/** `answers`: of each point `[1 + tokens]` or longer; rejects as those of texts do. */
export type DispatchedPoints = { readonly answers: Promise<readonly Float32Array[]>; cancel(): void };

type Ask = {
  readonly model: ServedModel;
  readonly points: readonly PathPoint[];
  readonly timeoutMs: number;
  readonly account: string;
  readonly now: () => number;
};

export function dispatchPoints(inFlight: InFlight, { model, points, timeoutMs, account, now }: Ask): DispatchedPoints {
  const request: Request = { model, timeoutMs, probe: true, span: undefined, ...idle() };
  const [lane, arrived, id] = [explainLane(model.key), now(), randomUUID()];
  request.entries = points.map((point, i) => ({
    lane,
    client: account,
    key: `${id}/${i}`, // no two explanations have a point in common
    tokens: point.encoding.ids.length,
    arrived,
    deadline: arrived + timeoutMs,
    alone: false,
    payload: { request, readings: [i], text: 0, encoding: point.encoding, point, failures: 0 },
  }));
  request.left = points.length;
  const done = new Promise<void>((resolve, reject) => {
    Object.assign(request, { resolve, reject });
    const objection = inFlight.add(request.entries);
    if (objection) reject(refuse(objection, { waiting: inFlight.waiting, timeoutMs }));
  });
  return { answers: done.then(() => request.results.map(({ logits }) => logits)), cancel: () => inFlight.fail(request, gone()) };
}
