/** @file Asks the server. */
import type { Verdict } from '../../models/index.js';
import {
  type ClassifyRequest,
  classifyResponseSchema,
  errorResponseSchema,
  type ModelsResponse,
  modelsResponseSchema,
} from '../protocol/index.js';
import type { Classify } from './routes.js';

/** @throws Error with the server's own words when it refuses */
export const classifyRemotely: Classify = async ({ text, pair, model }) => {
  const request: ClassifyRequest = { text, ...(pair === undefined ? {} : { pair }), model: `${model.name}@${model.version}` };
  const began = performance.now();
  const answer = await ask('/classify', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(request) });
  const [verdict] = classifyResponseSchema.parse(answer).results;
  if (!verdict) throw new Error('The server answered without a verdict.');
  return { verdict: verdict as Verdict, milliseconds: performance.now() - began };
};

export async function fetchModels(): Promise<ModelsResponse['models']> {
  return modelsResponseSchema.parse(await ask('/models')).models;
}

async function ask(path: string, init: RequestInit = {}): Promise<unknown> {
  const response = await fetch(path, init).catch(() => {
    throw new Error('The server cannot be reached. Is it still running?');
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) return body;
  const refused = errorResponseSchema.safeParse(body);
  throw new Error(
    refused.success ? `${refused.data.error.message}. ${refused.data.error.fix}.` : `The server answered ${response.status}.`,
  );
}
