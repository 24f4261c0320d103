/** @file The hub that a person's environment names, and its repositories as they are listed. */
import { listFiles, modelInfo } from '@huggingface/hub';
import { z } from 'zod';
import { checkBundlePath } from '../bundle/bundle-path.js';
import { UsageError } from '../errors.js';
import { type CarefulFetch, carefulFetch, checkAddress, type FetchOptions } from './careful-fetch.js';
import type { Digests } from './digests.js';
import { readText } from './read-body.js';
import { asked, refusal } from './refusal.js';
import type { HubSource } from './source.js';
import { type Environment, hubToken } from './token.js';

export type Hub = {
  /** Without a slash at its end. */
  readonly url: string;
  /** Adds the token to what goes to the hub. */
  readonly net: CarefulFetch;
};

export type HubOptions = Omit<FetchOptions, 'token'>;

/** @throws UsageError `usage/argument` for an HF_ENDPOINT that is none, `hub/refused` for a token that is none */
export async function openHub(env: Environment, options: HubOptions = {}): Promise<Hub> {
  const url = (env.HF_ENDPOINT || 'https://huggingface.co').replace(/\/+$/, '');
  if (!URL.canParse(url))
    throw new UsageError('usage/argument', `HF_ENDPOINT: ${JSON.stringify(url)} is no address`, 'write https://host.');
  const { origin } = checked(new URL(url), options.insecure);
  return { url, net: carefulFetch({ ...options, token: { origin, value: await hubToken(env) } }) };
}

function checked(url: URL, insecure = false): URL {
  checkAddress(url, insecure);
  return url;
}

/** The most that a listing or a manifest may hold: a thousand times what is usual. */
export const mostText = 16 << 20;
const mostFiles = 100_000;

/** `fetch` for questions whose answers are read whole. */
export const askingFetch =
  ({ net }: Hub): typeof fetch =>
  async (input, init) => {
    const response = await net.fetch(input, init);
    const where = String(input instanceof Request ? input.url : input);
    const text = await readText(response, new URL(where).host, mostText, net.idleMs);
    const empty = [204, 205, 304].includes(response.status);
    return new Response(empty ? null : text, { status: response.status, headers: response.headers });
  };

/** @returns the commit that a branch or tag stands for now: what follows then speaks of one state, whoever pushes meanwhile
 *  @throws UsageError `hub/refused`, `hub/answer` */
export async function commitOf(hub: Hub, { repository, revision }: Omit<HubSource, 'kind'>): Promise<string> {
  const where = `${repository}@${revision}`;
  const { sha } = await asked(where, () =>
    modelInfo({ name: repository, revision, additionalFields: ['sha'], hubUrl: hub.url, fetch: askingFetch(hub) }),
  );
  if (/^[0-9a-f]{40,64}$/.test(String(sha))) return sha;
  throw new UsageError('hub/answer', `${where}: the server does not say which commit it is`, 'check HF_ENDPOINT.');
}

const entrySchema = z.object({
  type: z.string(),
  path: z.string(),
  size: z.number().int().nonnegative().default(0),
  oid: z.string().optional(),
  lfs: z.object({ oid: z.string(), size: z.number().int().nonnegative() }).optional(),
});

/** The files of a commit by path, with the digests that the hub itself keeps. Paths never lead out of a folder.
 *  @throws UsageError `hub/refused`, `hub/answer`, `bundle/path` */
export async function listCommit(hub: Hub, repository: string, commit: string): Promise<ReadonlyMap<string, Digests>> {
  const listed = new Map<string, Digests>();
  await asked(repository, async () => {
    const params = { repo: repository, revision: commit, recursive: true, hubUrl: hub.url, fetch: askingFetch(hub) };
    for await (const entry of listFiles(params)) {
      const { success, data } = entrySchema.safeParse(entry);
      if (!success || listed.size >= mostFiles)
        throw new UsageError('hub/answer', `${repository}: its listing cannot be read`, 'check HF_ENDPOINT, and how many files it has.');
      if (data.type !== 'file') continue;
      const digests = data.lfs ? { bytes: data.lfs.size, sha256: data.lfs.oid } : { bytes: data.size, gitSha1: data.oid };
      listed.set(checkBundlePath(data.path, repository), digests);
    }
  });
  return listed;
}

export const fileUrl = ({ url }: Hub, repository: string, commit: string, path: string): URL =>
  new URL(`${url}/${repository}/resolve/${encodeURIComponent(commit)}/${encodePath(path)}`);

export const encodePath = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

/** @throws UsageError `hub/refused` */
export async function fetchText({ net }: Hub, url: URL): Promise<string> {
  const response = await net.fetch(url, { headers: { 'accept-encoding': 'identity' } });
  if (!response.ok) throw await refusal(response, url.href);
  return readText(response, url.href, mostText, net.idleMs);
}
