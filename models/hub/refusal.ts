/** @file What a server says no with, in words that tell what to do. */
import { HubApiError, InvalidApiResponseFormatError } from '@huggingface/hub';
import { UsageError } from '../errors.js';
import { readText } from './read-body.js';

const tokenFix = 'set HF_TOKEN to a token of the hub (its page: Settings, Access Tokens), or write one with `hf auth login`';

const reasons: Readonly<Record<number, readonly [what: string, fix: string]>> = {
  401: [
    'it is not open to everybody, or not there, and there is no token that the server takes',
    `check the spelling; for what is private, ${tokenFix}.`,
  ],
  403: ['the token has no right to it', `ask for access on its page, or ${tokenFix} that may read it, and write it to push.`],
  404: ['it is not there', `check name and revision; where it is private, ${tokenFix}.`],
  409: ['something else is in the way', 'look at the repository, then try again.'],
  412: ['somebody else has changed it meanwhile', 'look at what changed, then try again.'],
  429: ['the server is asked too often', `wait some minutes; with a token more is allowed: ${tokenFix}.`],
};

/** @param where the address, or the name of the repository */
export function refused(status: number, where: string, said = ''): UsageError {
  const [what, fix] = reasons[status] ?? [`the server answers with status ${status}`, 'try again later, or check the address.'];
  return new UsageError('hub/refused', `${where}: ${what} (${[`status ${status}`, plain(said)].filter(Boolean).join(': ')})`, fix);
}

/** @param where as in `refused` */
export async function refusal(response: Response, where: string): Promise<UsageError> {
  const said = response.headers.get('x-error-message') ?? '';
  await readText(response, where, 1 << 16, 5_000).catch(() => ''); // so that the connection can be used again
  return refused(response.status, where, said);
}

/** Carries out what asks the hub by its library, and has its failures in our words. */
export async function asked<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof HubApiError) throw refused(error.statusCode, where, messageOf(error));
    const strange = error instanceof SyntaxError || error instanceof InvalidApiResponseFormatError;
    if (strange)
      throw new UsageError(
        'hub/answer',
        `${where}: the server does not answer as a hub does (${plain(error.message)})`,
        'check HF_ENDPOINT.',
      );
    throw error;
  }
}

/** Without the address that the library appends. */
const messageOf = ({ message }: HubApiError): string => message.replace(/\. URL: .*$/s, '');

/** What strangers say goes to a terminal: one line, and no control characters. */
const plain = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, 200);
