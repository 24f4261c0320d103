/** @file `GET /review/export`: a training file, written as fast as it is read. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request } from 'express';
import { jsonLine } from '../../../models/rows/node.js';
import { type ExportFilter, exportQuery } from '../../protocol/index.js';
import type { ReviewStore, TrainingCursor } from '../../review/index.js';
import type { ExchangeResponse } from '../intake/exchange.js';
import { parseQuery } from '../intake/parse-query.js';
import { linesType } from './review-operations.js';

export function exportRoute(store: ReviewStore) {
  return async (request: Request, response: ExchangeResponse): Promise<void> => {
    const filter = parseQuery(exportQuery, request);
    const first = await store.ask('training', { filter });
    response.setHeader('content-type', `${linesType}; charset=utf-8`);
    response.setHeader('content-disposition', 'attachment; filename="reviewed.jsonl"');
    await pipeline(Readable.from(linesOf(store, filter, first)), response);
  };
}

async function* linesOf(store: ReviewStore, filter: ExportFilter, first: Awaited<ReturnType<typeof nextPage>>): AsyncGenerator<string> {
  for (let page = first; ; page = await nextPage(store, filter, page.next)) {
    yield page.rows.map((row) => `${jsonLine(row)}\n`).join('');
    if (!page.next) return;
  }
}

const nextPage = (store: ReviewStore, filter: ExportFilter, from: TrainingCursor | undefined) => store.ask('training', { filter, from });
