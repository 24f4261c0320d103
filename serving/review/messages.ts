/** @file What the thread that has the file open is told, and what it tells. */

import type { ReviewOptions } from './options.js';
import type { Call, Given } from './review-book.js';
import type { FaultReason } from './store-fault.js';

export type ThreadSetup = Pick<ReviewOptions, 'file' | 'items' | 'megabytes'> & { readonly busyMs: number };

/** `clean`: rebuild the file, once the calls are done. */
export type ToThread = { readonly calls: readonly Call[]; readonly now: number; readonly clean: boolean } | 'end';

export type SentResult = { readonly value: Given } | { readonly fault: { readonly reason: FaultReason; readonly message: string } };

/** `refused`: what is wrong with the path, as the person who starts the server is told. */
export type FromThread =
  | { readonly kind: 'opened' }
  | { readonly kind: 'unopened'; readonly reason: FaultReason; readonly message: string }
  | { readonly kind: 'refused'; readonly what: string; readonly fix: string }
  | { readonly kind: 'done'; readonly results: readonly SentResult[]; readonly cleaned: boolean };
