/** @file Files of texts, however long: in chunks, by this process or by others, here or in `copydesk predict`. */

export { type ChunkQueue, openChunkQueue } from './chunk-queue.js';
export * from './chunks.js';
export { contentKindOf, mediaTypes, resultTypes } from './content-kinds.js';
export * from './fingerprint.js';
export * from './job.js';
export type { JobEvents, JobFigures } from './job-figures.js';
export * from './jobs.js';
export * from './layouts.js';
export * from './local-answers.js';
export * from './options.js';
export * from './output.js';
export { queuedAnswers } from './queued-answers.js';
export { tooLarge } from './receive-file.js';
export * from './run-chunks.js';
export type { AnswerChunk } from './run-job.js';
export * from './start-work.js';
export * from './text-row.js';
