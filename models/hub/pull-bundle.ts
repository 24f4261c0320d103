/** @file A bundle from the hub, or from any web server that holds its folder, to the disk: whole and verified, or not there. */
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { Manifest } from '../bundle/manifest.js';
import { manifestFile, parseManifest } from '../bundle/parse-manifest.js';
import { placeBundle, roomFor } from '../bundle/place-bundle.js';
import { type Bundle, readBundle } from '../bundle/read-bundle.js';
import { verifyBundle } from '../bundle/verify-bundle.js';
import { writeWhole } from '../bundle/write-whole.js';
import { UsageError } from '../errors.js';
import type { RemoteFile } from './download-file.js';
import { downloadFolder, type OnProgress } from './download-folder.js';
import { commitOf, encodePath, fetchText, fileUrl, type Hub, listCommit } from './hub.js';
import type { HubSource, Source, WebSource } from './source.js';
import { withStaging } from './staging.js';

export type PullOptions = {
  readonly source: Source;
  readonly hub: Hub;
  /** The folder of bundles; the bundle becomes NAME/VERSION in it. */
  readonly to: string;
  /** Whether a different bundle of that name may be replaced. Default false. */
  readonly overwrite?: boolean;
  readonly onProgress?: OnProgress;
};

export type Pulled = {
  readonly bundle: Bundle;
  /** What names exactly this state again, where the source can tell: a source with the commit as its revision. */
  readonly from: string;
  /** Whether it was there already. */
  readonly unchanged: boolean;
};

/**
 * @throws UsageError `bundle/missing` where the source is no bundle, `bundle/*` where its content is not what it says, `hub/*`,
 *   `export/failed` where something else stands at NAME/VERSION
 */
export async function pullBundle({ source, hub, to, overwrite = false, onProgress }: PullOptions): Promise<Pulled> {
  const remote = await openers[source.kind](source as never, hub);
  const { manifest, text, from } = remote;
  const folder = join(to, manifest.name, manifest.version);
  const target = resolve(folder);
  const unchanged = (await roomFor(target, manifest, overwrite)) === 'same';
  if (!unchanged) {
    await withStaging(target, async ({ files, parts }) => {
      await downloadFolder(remote.files, { net: hub.net, files, parts }, onProgress);
      await writeWhole(join(files, manifestFile), text);
      await verifyBundle(files);
      await placeBundle(files, target, manifest, overwrite);
    });
  }
  return { bundle: await readBundle(folder, { verify: false }), from, unchanged };
}

type Remote = { readonly manifest: Manifest; readonly text: string; readonly files: readonly RemoteFile[]; readonly from: string };

const openers: { readonly [K in Source['kind']]: (source: Extract<Source, { kind: K }>, hub: Hub) => Promise<Remote> } = {
  hub: openRepository,
  web: openFolder,
};

async function openFolder({ url }: WebSource, hub: Hub): Promise<Remote> {
  const text = await fetchText(hub, new URL(manifestFile, url));
  const manifest = parseManifest(text, url.href);
  return { manifest, text, from: url.href, files: manifest.files.map((file) => ({ ...file, url: new URL(encodePath(file.path), url) })) };
}

async function openRepository({ repository, revision }: HubSource, hub: Hub): Promise<Remote> {
  const commit = await commitOf(hub, { repository, revision });
  const from = `${repository}@${commit}`;
  const listed = await listCommit(hub, repository, commit);
  const record = listed.get(manifestFile);
  if (record === undefined) {
    throw new UsageError(
      'bundle/missing',
      `${repository}@${revision}: this is not a bundle: it has no ${manifestFile}`,
      `bring the model into one: \`copydesk pull ${repository} --plain --to DIR\`, then \`copydesk import DIR/${repository.split('/').at(-1)} --to bundles\`.`,
    );
  }
  const text = await fetchText(hub, fileUrl(hub, repository, commit, manifestFile));
  checkText(text, record.gitSha1, from);
  const manifest = parseManifest(text, from);
  const files = manifest.files.map((file) => {
    const { bytes, sha256 = file.sha256, gitSha1 } = listed.get(file.path) ?? {};
    const fault =
      bytes === undefined ? 'is not in it' : bytes !== file.bytes ? `is ${bytes} bytes long there, not ${file.bytes}` : undefined;
    if (fault ?? sha256 !== file.sha256) throw changed(from, file.path, fault ?? 'has another sha256 there');
    return { ...file, gitSha1, url: fileUrl(hub, repository, commit, file.path) };
  });
  return { manifest, text, files, from };
}

/** The hub's own record of the manifest: all else is checked against the manifest. */
function checkText(text: string, gitSha1: string | undefined, from: string): void {
  const bytes = Buffer.from(text);
  const found = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
  if (gitSha1 !== undefined && found !== gitSha1) throw changed(from, manifestFile, `arrived with the git id ${found}, not ${gitSha1}`);
}

const changed = (from: string, path: string, fault: string): UsageError =>
  new UsageError(
    'bundle/hash',
    `${from}: ${path} ${fault}: it is not what ${manifestFile} records`,
    'the file was changed or damaged after it was pushed, perhaps on its page: take the revision before, or push the bundle again.',
  );
