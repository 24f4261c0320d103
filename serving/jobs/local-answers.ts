/** @file Chunks answered by this server, in the background of its requests. */
import type { Desk } from '../desk/index.js';
import { ServiceError } from '../protocol/index.js';
import { answerTexts } from './answer-texts.js';
import { pause } from './pause.js';
import type { AnswerChunk, JobChunk } from './run-job.js';
import { askedOf } from './text-row.js';

/** Counts texts at a client's expense. @throws ServiceError `rate-limited`, `quota-exceeded` */
export type ChargeTexts = (client: string, texts: number) => void;

export function localAnswers(desk: Pick<Desk, 'ask'>, charge: ChargeTexts): AnswerChunk {
  return async (chunk) => {
    await pay(chunk, charge);
    const { model, rows, job, signal } = chunk;
    const { client, language } = job;
    const answers = await answerTexts(desk, { model, texts: rows.map(askedOf), client, language, signal }, pause);
    return answers.map((one) => one?.verdict);
  };
}

/** Waits, however long, until the client may have so many texts answered. */
export async function pay({ job, rows, signal, report }: JobChunk, charge: ChargeTexts): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    try {
      charge(job.client, rows.length);
      return report(undefined);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      report(`it waits: ${error.message}`, 'client');
      await pause(1_000 * Math.min(60, Number(error.headers['retry-after'] ?? 1)), signal);
    }
  }
}
