/** @file Chunks answered by workers elsewhere; what is done with their scores is decided here, where the policy is. */
import type { Desk } from '../desk/index.js';
import type { ChunkQueue } from './chunk-queue.js';
import { type ChargeTexts, pay } from './local-answers.js';
import type { AnswerChunk } from './run-job.js';
import { askedOf } from './text-row.js';

export function queuedAnswers(queue: ChunkQueue, desk: Pick<Desk, 'judge'>, charge: ChargeTexts): AnswerChunk {
  return async (chunk) => {
    const { job, model, first, rows, signal, report } = chunk;
    await pay(chunk, charge);
    const texts = rows.map(askedOf);
    const answer = await queue.ask(`${job.id}-${first}`, model.manifest, { texts }, { signal, report });
    const found = answer.rows.flatMap((row, i) => (row ? [{ i, row: { ...row, logits: Float32Array.from(row.logits) } }] : []));
    const { client, language } = job;
    const verdicts = desk.judge({ model, client, language, texts: found.map(({ i }) => texts[i]!) }, found.map(({ row }) => row)); // biome-ignore format: one call
    const byIndex = new Map(found.map(({ i }, n) => [i, verdicts[n]!]));
    return rows.map((_, i) => byIndex.get(i));
  };
}
