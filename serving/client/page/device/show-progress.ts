/** @file How far a model has come: where one waits for it, and beside what the device holds. */
import type { Progress } from '../../web/index.js';
import { find } from '../find.js';

export function showProgress(progress: Progress): void {
  const under = progress.phase === 'download' && progress.received < progress.total;
  const awaited = find('ask').getAttribute('aria-disabled') === 'true' && find<HTMLInputElement>('route-browser').checked;
  find('progress').hidden = !(under && awaited);
  find('held-progress').hidden = !under;
  if (progress.phase !== 'download') return;
  const { received, total } = progress;
  for (const id of ['bar', 'held-bar']) find<HTMLProgressElement>(id).value = total === 0 ? 0 : received / total;
  for (const id of ['bytes', 'held-bytes']) find(id).textContent = `${megabytes(received)} of ${megabytes(total)} MB`;
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
