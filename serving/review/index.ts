/** @file The queue of texts that a policy holds, decisions on them, and what others say they should have been. */
export type { Feedback } from './feedback.js';
export type { Figures } from './figures.js';
export type { HeldText } from './hold.js';
export { checkFile as checkReviewFile } from './open-file.js';
export { type ReviewOptions, reviewOptionsSchema } from './options.js';
export type { Outcome } from './queue.js';
export { openReviewBook, type ReviewBook } from './review-book.js';
export { createReviewStore, type ReviewEvents, type ReviewStore } from './review-store.js';
export { StoreFault } from './store-fault.js';
export type { TrainingCursor, TrainingRow } from './training-rows.js';
