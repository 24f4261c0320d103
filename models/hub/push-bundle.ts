/** @file A bundle to a repository of the hub, in one commit. */
import { stat } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { type CommitOperation, commit, createBranch, createRepo, HubApiError, modelInfo } from '@huggingface/hub';
import { manifestFile, parseManifest } from '../bundle/parse-manifest.js';
import { verifyBundle } from '../bundle/verify-bundle.js';
import { insideFolder } from '../bundle/verify-files.js';
import { type Digests, digestsOf } from './digests.js';
import { askingFetch, commitOf, fetchText, fileUrl, type Hub, listCommit } from './hub.js';
import { asked } from './refusal.js';
import { defaultRevision } from './source.js';

export type PushOptions = {
  /** The bundle's folder. */
  readonly folder: string;
  readonly hub: Hub;
  /** owner/name */
  readonly repository: string;
  /** The branch; made where it is missing. Default `main`. */
  readonly revision?: string;
  /** Whether a repository that is made here is for its owner alone. Default: as the owner has set on the hub. */
  readonly isPrivate?: boolean;
  /** Title of the commit. Default: name and version. */
  readonly message?: string;
  readonly onStart?: (files: number, bytes: number) => void;
};

export type Pushed = {
  /** The commit that holds the bundle. */
  readonly commit: string;
  /** Whether the repository was made. */
  readonly created: boolean;
  /** Paths that were written or, `removed`, belonged to the bundle that stood there before. */
  readonly changed: readonly string[];
  readonly removed: readonly string[];
};

/**
 * Sends what differs from the branch. Files that were never part of a bundle stay as they are.
 *
 * @throws UsageError `bundle/*` for a bundle that does not verify, `hub/*`
 */
export async function pushBundle(options: PushOptions): Promise<Pushed> {
  const { folder, hub, repository, revision = defaultRevision, onStart = () => {} } = options;
  const { manifest } = await verifyBundle(folder);
  const { created, head } = await branchOf(options, revision);
  const listed = await listCommit(hub, repository, head);
  const files = await Promise.all([manifestFile, ...manifest.files.map(({ path }) => path)].map((path) => localFile(folder, path)));
  const differing = files.filter(({ path, digests }) => !isSame(listed.get(path), digests));
  const kept = new Set(files.map(({ path }) => path));
  const removed = (await formerFiles(hub, repository, head, listed)).filter((path) => listed.has(path) && !kept.has(path));
  if (differing.length + removed.length === 0) return { commit: head, created, changed: [], removed };
  const operations: CommitOperation[] = [
    ...(listed.has('.gitattributes') ? [] : [{ operation: 'addOrUpdate', path: '.gitattributes', content: gitAttributes() } as const]),
    ...differing.map(({ path, file }) => ({ operation: 'addOrUpdate', path, content: pathToFileURL(file) }) as const),
    ...removed.map((path) => ({ operation: 'delete', path }) as const),
  ];
  onStart(
    differing.length,
    differing.reduce((sum, { digests }) => sum + digests.bytes, 0),
  );
  const done = await asked(`${repository}@${revision}`, () =>
    commit({
      repo: repository,
      operations,
      title: options.message ?? `${manifest.name} ${manifest.version}`,
      branch: revision,
      // Refused when somebody else has pushed since it was listed.
      parentCommit: head,
      hubUrl: hub.url,
      fetch: hub.net.fetch,
    }),
  );
  return { commit: done?.commit.oid ?? head, created, changed: differing.map(({ path }) => path), removed };
}

/** @returns the commit at the end of the branch, which is there now */
async function branchOf({ hub, repository, isPrivate }: PushOptions, revision: string): Promise<{ created: boolean; head: string }> {
  const ask = { repo: repository, hubUrl: hub.url, fetch: askingFetch(hub) };
  const isThere = await branchExists(ask, repository, revision);
  const created = isThere ? false : await makeRepository(ask, isPrivate);
  if (!isThere && revision !== defaultRevision) await asked(`${repository}@${revision}`, () => createBranch({ ...ask, branch: revision }));
  return { created, head: await commitOf(hub, { repository, revision }) };
}

type Ask = { readonly repo: string; readonly hubUrl: string; readonly fetch: typeof fetch };

/** 404: the repository is missing, or only the branch. */
const branchExists = (ask: Ask, repository: string, revision: string): Promise<boolean> =>
  asked(repository, () => modelInfo({ name: repository, revision, ...ask }).then(always(true), unless(404, false)));

/** @returns `false` where only the branch was missing */
async function makeRepository(ask: Ask, isPrivate = false): Promise<boolean> {
  // The library takes only tokens that begin like the hub's own, and wants one: the fetch puts in the real one, whatever it looks like.
  const params = { ...ask, ...(isPrivate ? { visibility: 'private' as const } : {}), accessToken: 'hf_' as const };
  return asked(ask.repo, () => createRepo(params).then(always(true), unless(409, false)));
}

const always =
  <T>(value: T) =>
  (): T =>
    value;

/** The value in place of one refusal of the hub. */
const unless =
  <T>(status: number, value: T) =>
  (error: unknown): T => {
    if (error instanceof HubApiError && error.statusCode === status) return value;
    throw error;
  };

type LocalFile = { readonly path: string; readonly file: string; readonly digests: Required<Digests> };

async function localFile(folder: string, path: string): Promise<LocalFile> {
  const file = await insideFolder(folder, path);
  return { path, file, digests: await digestsOf(file, (await stat(file)).size) };
}

const isSame = (there: Digests | undefined, { bytes, sha256, gitSha1 }: Required<Digests>): boolean =>
  there?.bytes === bytes && (there.sha256 === sha256 || there.gitSha1 === gitSha1);

/** What the bundle that stands on the branch lists; of anything else nothing is known, and nothing is removed. */
async function formerFiles(hub: Hub, repository: string, head: string, listed: ReadonlyMap<string, Digests>): Promise<readonly string[]> {
  if (!listed.has(manifestFile)) return [];
  const url = fileUrl(hub, repository, head, manifestFile);
  const text = await fetchText(hub, url);
  try {
    return parseManifest(text, url.href).files.map(({ path }) => path);
  } catch {
    return [];
  }
}

/** As hubs write it themselves: what is not text is kept beside git. */
const gitAttributes = (): Blob =>
  new Blob(['onnx', 'onnx_data', 'safetensors'].map((end) => `*.${end} filter=lfs diff=lfs merge=lfs -text\n`));
