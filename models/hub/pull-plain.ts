/** @file A model of the hub that is no bundle, as the folder that `copydesk import` and `model.pretrained` read. */
import { rename, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { flushFolder } from '../bundle/write-whole.js';
import { UsageError } from '../errors.js';
import { faultOf } from './digests.js';
import type { RemoteFile } from './download-file.js';
import { downloadFolder, type OnProgress } from './download-folder.js';
import { commitOf, fileUrl, type Hub, listCommit } from './hub.js';
import type { HubSource } from './source.js';
import { withStaging } from './staging.js';

export type PlainOptions = {
  readonly source: HubSource;
  readonly hub: Hub;
  /** The model becomes NAME in it. */
  readonly to: string;
  readonly onProgress?: OnProgress;
};

/** What describes a model and holds its weights. Not `.bin` and its like: they are pickles, which run code when they are opened. */
const wanted = /^[^/]+\.(json|txt|safetensors|model)$|^(README\.md|LICENSE[^/]*|NOTICE)$/;

/** @returns the folder, and what names exactly this state again
 *  @throws UsageError `weights/missing` where it has no safetensors, `hub/*`, `bundle/hash`, `export/failed` where something else stands at NAME */
export async function pullPlain({
  source: { repository, revision },
  hub,
  to,
  onProgress,
}: PlainOptions): Promise<{ folder: string; from: string }> {
  const commit = await commitOf(hub, { repository, revision });
  const from = `${repository}@${commit}`;
  const listed = [...(await listCommit(hub, repository, commit))].filter(([path]) => wanted.test(path));
  if (!listed.some(([path]) => path.endsWith('.safetensors'))) {
    throw new UsageError(
      'weights/missing',
      `${from}: it has no weights as safetensors`,
      'take a revision that has them, or have the hub convert it: huggingface.co/spaces/safetensors/convert.',
    );
  }
  const files: RemoteFile[] = listed.map(([path, digests]) => ({ ...digests, path, url: fileUrl(hub, repository, commit, path) }));
  const folder = join(to, repository.split('/').at(-1)!);
  if (!(await isThere(folder, files))) {
    const target = resolve(folder);
    await withStaging(target, async (staging) => {
      await downloadFolder(files, { net: hub.net, ...staging }, onProgress);
      await rename(staging.files, target);
      await flushFolder(dirname(target));
    });
  }
  return { folder, from };
}

/** @throws UsageError `export/failed` for a folder with other content */
async function isThere(folder: string, files: readonly RemoteFile[]): Promise<boolean> {
  if (!(await stat(folder).catch(() => undefined))) return false;
  for (const file of files) {
    const fault = await faultOf(join(folder, file.path), file);
    if (fault !== undefined)
      throw new UsageError(
        'export/failed',
        `${folder}: it exists, and its ${file.path} ${fault}`,
        'give another folder with --to, or remove this one.',
      );
  }
  return true;
}
