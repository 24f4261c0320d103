/** @file Refusals in the words of OpenAI's protocol, which vLLM speaks too. */
import { type ServiceErrorCode, statusOf } from '../protocol/index.js';

/** Its clients know no 422 for texts; 404 is what they expect of an unknown model. */
export const openAiStatus = (code: ServiceErrorCode): number => (statusOf[code] === 422 ? 400 : statusOf[code]);

const types: { readonly openai: Readonly<Record<number, string>>; readonly vllm: Readonly<Record<number, string>> } = {
  openai: { 401: 'invalid_request_error', 403: 'permission_error', 429: 'rate_limit_exceeded' },
  vllm: { 401: 'Unauthorized', 403: 'Forbidden', 404: 'NotFoundError', 429: 'TooManyRequestsError' },
};

/** The `type` of an error, by its status. */
export function openAiType(status: number, dialect: keyof typeof types): string {
  const fallback = { openai: ['invalid_request_error', 'server_error'], vllm: ['BadRequestError', 'InternalServerError'] }[dialect];
  return types[dialect][status] ?? fallback[status >= 500 ? 1 : 0]!;
}
