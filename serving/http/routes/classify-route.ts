/** @file `POST /classify`: texts in, verdicts out. */
import type { Request } from 'express';
import type { Access } from '../../access/index.js';
import type { Desk, Limits, Timings } from '../../desk/index.js';
import { classifyResponse, parseClassifyRequest } from '../../protocol/index.js';
import { type ExchangeResponse, sendJson, whenGone } from '../intake/exchange.js';
import { deskOf } from '../intake/guard.js';
import { readJson } from '../intake/read-json.js';

export type ClassifyDeps = { readonly access: Access; readonly desk: Desk; readonly limits: Limits };

export function classifyRoute({ access, desk, limits }: ClassifyDeps) {
  return async (request: Request, response: ExchangeResponse): Promise<void> => {
    const body = await readJson(request, response, limits);
    const { texts, single, model: reference, language, timeoutMs, explain, refs, keep } = parseClassifyRequest(body, limits);
    const model = desk.catalogue.find(reference);
    const { name, version } = model.manifest;
    Object.assign(response.locals, { model: name, version, texts: texts.length });
    const { verdicts, timings, explained, held } = await deskOf(access, desk, response).ask({
      model,
      texts,
      language,
      timeoutMs,
      explain,
      refs,
      keep,
      signal: whenGone(response),
    });
    setTimings(response, timings);
    const told = verdicts.map((verdict, i) => ({ ...verdict, ...explained?.[i], ...(held?.[i] ? { review: held[i] } : {}) }));
    sendJson(response, 200, classifyResponse(told, single));
  };
}

/** For browsers in the standard header, for everything else one header a stage. */
export function setTimings(response: ExchangeResponse, { tokenizeMs, queueMs, inferMs }: Timings): void {
  const [tokenize, queue, infer] = [tokenizeMs, queueMs, inferMs].map((ms) => ms.toFixed(2)) as [string, string, string];
  response.setHeader('server-timing', `tokenize;dur=${tokenize}, queue;dur=${queue}, infer;dur=${infer}`);
  response.setHeader('x-copydesk-tokenize-ms', tokenize);
  response.setHeader('x-copydesk-queue-ms', queue);
  response.setHeader('x-copydesk-infer-ms', infer);
}
