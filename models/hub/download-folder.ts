/** @file All files of a folder, the small ones first: what is wrong with a bundle shows in its small files, before the large ones have come. */
import { statfs } from 'node:fs/promises';
import { UsageError } from '../errors.js';
import { type DownloadOptions, downloadFile, type RemoteFile } from './download-file.js';

/** Told how many bytes of all are here. */
export type OnProgress = (done: number, total: number) => void;

/** @throws UsageError `hub/refused` where the disk is too small, and what `downloadFile` throws */
export async function downloadFolder(
  files: readonly RemoteFile[],
  options: Omit<DownloadOptions, 'onProgress'>,
  onProgress: OnProgress = () => {},
): Promise<void> {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  await checkRoom(options.parts, total);
  let done = 0;
  for (const file of [...files].sort((a, b) => a.bytes - b.bytes)) {
    await downloadFile(file, { ...options, onProgress: (bytes) => onProgress(done + bytes, total) });
    done += file.bytes;
  }
}

async function checkRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bytes <= bavail * bsize) return;
  const [wanted, free] = [bytes, bavail * bsize].map((size) => `${(size / 1e9).toFixed(1)} GB`);
  throw new UsageError(
    'hub/refused',
    `${folder}: there are ${free} free, and ${wanted} would come`,
    'make room, or give another folder with --to.',
  );
}
