/** @file Asks the server. */
import type { Verdict } from '../../models/index.js';
import {
  type ClassifyRequest,
  classifyResponseSchema,
  errorResponseSchema,
  type ModelsResponse,
  modelsResponseSchema,
} from '../protocol/index.js';
import { keyHeaders } from './held-key.js';
import type { Classify } from './routes.js';

/** The server asks for a key, or does not know the one that it got. */
export class KeyWanted extends Error {}

/** @throws Error with the server's own words when it refuses, KeyWanted where a key would help */
export const classifyRemotely: Classify = async ({ text, pair, model, explain }) => {
  const request: ClassifyRequest = {
    text,
    ...(pair === undefined ? {} : { pair }),
    model: `${model.name}@${model.version}`,
    ...(explain ? { explain } : {}),
  };
  const began = performance.now();
  const answer = await ask('/classify', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(request) });
  const [verdict] = classifyResponseSchema.parse(answer).results;
  if (!verdict) throw new Error('The server answered without a verdict.');
  const { explanation, unexplained } = verdict;
  const explained = explanation ? { explanation } : unexplained && { unexplained };
  return { verdict: verdict as Verdict, explained, milliseconds: performance.now() - began };
};

export async function fetchModels(): Promise<ModelsResponse['models']> {
  return modelsResponseSchema.parse(await ask('/models')).models;
}

async function ask(path: string, init: RequestInit = {}): Promise<unknown> {
  const response = await fetch(path, { ...init, headers: { ...init.headers, ...keyHeaders() } }).catch(() => {
    throw new Error('The server cannot be reached. Is it still running?');
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) return body;
  const refused = errorResponseSchema.safeParse(body);
  const said = refused.success ? `${refused.data.error.message}. ${refused.data.error.fix}.` : `The server answered ${response.status}.`;
  throw response.status === 401 ? new KeyWanted(said) : new Error(said);
}
