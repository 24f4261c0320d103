/** @file `POST /classify`: texts in, verdicts out. */
import type { Request } from 'express';
import { inputProblem, type TextInput, toVerdict } from '../../models/index.js';
import { classifyResponse, parseClassifyRequest, ServiceError } from '../protocol/index.js';
import type { Catalogue, ServedModel } from './catalogue.js';
import type { Dispatcher, Timings } from './dispatcher.js';
import { type ExchangeResponse, sendJson } from './exchange.js';
import type { Metrics } from './metrics.js';
import type { Limits } from './options.js';
import { readJson } from './read-json.js';

export type ClassifyDeps = {
  readonly catalogue: Catalogue;
  readonly dispatcher: Dispatcher;
  readonly limits: Limits;
  readonly metrics: Metrics;
  readonly ready: () => boolean;
  readonly draining: () => boolean;
};

export function classifyRoute({ catalogue, dispatcher, limits, metrics, ready, draining }: ClassifyDeps) {
  return async (request: Request, response: ExchangeResponse): Promise<void> => {
    response.locals.route = 'classify';
    const body = await readJson(request, limits.bodyBytes);
    const { texts, single, model: reference } = parseClassifyRequest(body, limits);
    const model = catalogue.find(reference);
    const { manifest } = model;
    checkInputs(model, texts);
    Object.assign(response.locals, { model: manifest.name, version: manifest.version, texts: texts.length });
    if (draining()) throw new ServiceError('draining', 'the server is stopping', 'send the request to another one', { 'retry-after': '1' });
    if (!ready()) throw new ServiceError('not-ready', 'the models are still being loaded', 'try again in a moment', { 'retry-after': '1' });

    const work = dispatcher.dispatch(model, texts);
    response.once('close', work.cancel);
    const { logits, truncated, timings } = await work.answers;
    const verdicts = logits.map((row, i) => toVerdict(manifest, row, truncated[i]));
    for (const { decision } of verdicts) metrics.decisions.labels(manifest.name, manifest.version, decision).inc();
    setTimings(response, timings);
    sendJson(response, 200, classifyResponse(verdicts, single));
  };
}

/** @throws ServiceError `pair-missing` or `pair-unexpected`: the model would answer, but to what it was not trained for */
function checkInputs({ key, manifest }: ServedModel, texts: readonly TextInput[]): void {
  texts.forEach((text, i) => {
    const problem = inputProblem(text, manifest.text.input);
    if (problem) throw new ServiceError(problem.kind, `text ${i}, model ${key}: ${problem.what}`, problem.fix);
  });
}

/** For browsers in the standard header, for everything else one header a stage. */
function setTimings(response: ExchangeResponse, { tokenizeMs, queueMs, inferMs }: Timings): void {
  const [tokenize, queue, infer] = [tokenizeMs, queueMs, inferMs].map((ms) => ms.toFixed(2)) as [string, string, string];
  response.setHeader('server-timing', `tokenize;dur=${tokenize}, queue;dur=${queue}, infer;dur=${infer}`);
  response.setHeader('x-copydesk-tokenize-ms', tokenize);
  response.setHeader('x-copydesk-queue-ms', queue);
  response.setHeader('x-copydesk-infer-ms', infer);
}
