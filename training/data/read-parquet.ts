/** @file Rows of a Parquet file, one row group in memory at a time. */
import { UsageError } from '../../models/index.js';
import { mustExist, type ReadLimits, type Row } from '../../models/rows/node.js';

/** Whole numbers of 64 bits become numbers, times become dates.
 *  @throws UsageError `data/invalid` for a file that is not Parquet, or is larger than the limit once decompressed */
export async function* parquetRows(path: string, { totalBytes = 2 ** 31 }: ReadLimits = {}): AsyncGenerator<Row> {
  await mustExist(path);
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } = await import('hyparquet');
  const { compressors } = await import('hyparquet-compressors');
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  const bytes = metadata.row_groups.reduce((sum, { total_byte_size }) => sum + Number(total_byte_size), 0);
  if (bytes > totalBytes) {
    const what = `${path}: holds more than ${Math.round(totalBytes / 2 ** 20)} MiB`;
    throw new UsageError('data/invalid', what, 'split it, or train on a sample of it.');
  }
  let start = 0;
  for (const { num_rows } of metadata.row_groups) {
    const end = start + Number(num_rows);
    const rows = await parquetReadObjects({ file, metadata, compressors, rowStart: start, rowEnd: end }).catch((error: unknown) => {
      throw unreadable(path, error);
    });
    for (const [at, row] of rows.entries()) yield { value: plain(row), line: start + at + 1 };
    start = end;
  }
}

function unreadable(path: string, error: unknown): UsageError {
  const reason = error instanceof Error ? error.message : String(error);
  return new UsageError('data/invalid', `${path}: cannot be read as Parquet: ${reason}`, 'write it again, or as JSON lines.');
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null || value instanceof Date || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
