/**
 * @file A hub on this machine, for tests: the routes that the hub documents for reading and writing models, with a second server as its storage.
 * Sources: the hub's OpenAPI and "Hub API Endpoints" pages, and the Git LFS batch API with the hub's `multipart` transfer.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { addCommit, type Content, commitAt, createRepository, gitId, isLarge, listing, type Repository, sha256 } from './hub-store.js';
import { listening } from './listening.js';
import { type Fault, meet, readBody, type Seen, sendBytes, sendJson } from './send.js';

export type HubServer = {
  readonly url: string;
  readonly storageUrl: string;
  readonly repositories: Map<string, Repository>;
  readonly faults: Fault[];
  /** Requests to both servers, in order. */
  readonly seen: Seen[];
  close(): Promise<void>;
};

export type HubServerOptions = {
  /** Tokens that may read what is private, and write. */
  readonly tokens?: readonly string[];
  /** Entries of a listing on a page. Default: all. */
  readonly pageSize?: number;
  /** Uploads of more bytes go up in parts of this size. Default: all in one. */
  readonly partBytes?: number;
};

type Call = { readonly request: IncomingMessage; readonly response: ServerResponse; readonly fault: Fault | undefined; readonly url: URL };
type Route = readonly [method: RegExp, path: RegExp, answer: (call: Call, ...groups: string[]) => unknown];

export async function startHub({
  tokens = ['hf_test'],
  pageSize = 1_000,
  partBytes = Number.POSITIVE_INFINITY,
}: HubServerOptions = {}): Promise<HubServer> {
  const repositories = new Map<string, Repository>();
  const objects = new Map<string, Buffer>();
  const [faults, seen]: [Fault[], Seen[]] = [[], []];
  const storage = await startStorage(objects, faults, seen);

  const isKnown = ({ request }: Call): boolean => tokens.includes((request.headers.authorization ?? '').replace('Bearer ', ''));
  const refuse = ({ response }: Call, status: number, code: string, error: string): void =>
    sendJson(response, status, { error }, { 'x-error-code': code, 'x-error-message': error });

  /** What is private is not there for strangers, and strangers are not told what is there. */
  function reading(call: Call, name: string, then: (repository: Repository) => unknown): unknown {
    const repository = repositories.get(name);
    if (repository && (!repository.isPrivate || isKnown(call))) return then(repository);
    return refuse(
      call,
      isKnown(call) ? 404 : 401,
      'RepoNotFound',
      isKnown(call) ? 'Repository not found' : 'Invalid username or password.',
    );
  }
  function writing(call: Call, name: string, then: (repository: Repository) => unknown): unknown {
    if (isKnown(call)) return reading(call, name, then);
    return refuse(call, call.request.headers.authorization ? 403 : 401, 'Forbidden', 'You are not allowed to do this.');
  }

  const info = (call: Call, name: string, revision: string): unknown =>
    reading(call, name, (repository) => {
      const commit = commitAt(repository, decodeURIComponent(revision));
      if (!commit) return refuse(call, 404, 'RevisionNotFound', `Invalid rev id: ${revision}`);
      const siblings = [...commit.tree.keys()].map((rfilename) => ({ rfilename }));
      const lastModified = '2026-01-01T00:00:00.000Z';
      const numbers = { downloads: 0, likes: 0, gated: false, disabled: false, tags: [] };
      sendJson(call.response, 200, {
        _id: gitId(Buffer.from(name)),
        id: name,
        sha: commit.sha,
        private: repository.isPrivate,
        lastModified,
        siblings,
        ...numbers,
      });
    });

  const routes: readonly Route[] = [
    [/GET/, /^\/api\/models\/([^/]+\/[^/]+)\/revision\/([^/]+)$/, info],
    [/GET/, /^\/api\/models\/([^/]+\/[^/]+)$/, (call, name) => info(call, name!, 'main')],
    [/GET/, /^\/api\/models\/([^/]+\/[^/]+)\/tree\/([^/]+)$/, (call, name, revision) =>
      reading(call, name!, (repository) => {
        const commit = commitAt(repository, decodeURIComponent(revision!));
        if (!commit) return refuse(call, 404, 'RevisionNotFound', `Invalid rev id: ${revision}`);
        const from = Number(call.url.searchParams.get('cursor') ?? 0);
        const all = listing(commit);
        call.url.searchParams.set('cursor', `${from + pageSize}`);
        const more: Record<string, string> = all.length > from + pageSize ? { link: `<${call.url.href}>; rel="next"` } : {};
        sendJson(call.response, 200, all.slice(from, from + pageSize), more);
      })],
    [/GET|HEAD/, /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/, (call, name, revision, path) =>
      reading(call, name!, (repository) => {
        const commit = commitAt(repository, decodeURIComponent(revision!));
        const content = commit?.tree.get(decodeURIComponent(path!));
        if (!commit) return refuse(call, 404, 'RevisionNotFound', `Invalid rev id: ${revision}`);
        const headers = { 'x-repo-commit': commit.sha };
        if (!content) return sendJson(call.response, 404, { error: 'Entry not found' }, { ...headers, 'x-error-code': 'EntryNotFound', 'x-error-message': 'Entry not found' });
        if (!content.isLarge) return sendBytes(call.request, call.response, content.bytes, { ...headers, etag: `"${gitId(content.bytes)}"` }, call.fault);
        if (call.fault) return sendBytes(call.request, call.response, content.bytes, {}, call.fault);
        const oid = sha256(content.bytes);
        objects.set(oid, content.bytes);
        const linked = { 'x-linked-etag': `"${oid}"`, 'x-linked-size': `${content.bytes.length}`, location: `${storage.url}/${oid}` };
        call.response.writeHead(302, { ...headers, ...linked }).end();
      })],
    [/POST/, /^\/api\/repos\/create$/, async (call) => {
      const { name, organization, visibility, private: isPrivate } = await jsonOf(call);
      const id = `${organization ?? 'me'}/${name}`;
      if (!isKnown(call)) return refuse(call, 401, 'Unauthorized', 'Invalid username or password.');
      if (repositories.has(id)) return sendJson(call.response, 409, { error: 'You already created this model repo', url: `${hub.url}/${id}` });
      repositories.set(id, createRepository(visibility === 'private' || isPrivate === true));
      sendJson(call.response, 200, { url: `${hub.url}/${id}`, name: id, id });
    }],
    [/POST/, /^\/api\/models\/([^/]+\/[^/]+)\/branch\/([^/]+)$/, (call, name, branch) =>
      writing(call, name!, ({ branches }) => {
        branches.set(decodeURIComponent(branch!), branches.get('main')!);
        sendJson(call.response, 200, {});
      })],
    [/POST/, /^\/api\/models\/([^/]+\/[^/]+)\/preupload\/([^/]+)$/, (call, name) =>
      writing(call, name!, async () => {
        const { files } = (await jsonOf(call)) as { files: { path: string; size: number }[] };
        const answered = files.map(({ path, size }) => ({ path, uploadMode: isLarge(path, size) ? 'lfs' : 'regular', shouldIgnore: false }));
        sendJson(call.response, 200, { files: answered });
      })],
    [/POST/, /^\/([^/]+\/[^/]+)\.git\/info\/lfs\/objects\/batch$/, (call, name) =>
      writing(call, name!, async () => {
        const asked = (await jsonOf(call)) as { objects: { oid: string; size: number }[]; transfers: string[] };
        const answered = asked.objects.map(({ oid, size }) => (objects.has(oid) ? { oid, size } : { oid, size, actions: uploadOf(oid, size) }));
        sendJson(call.response, 200, { transfer: asked.objects.some(({ size }) => size > partBytes) ? 'multipart' : 'basic', objects: answered });
      })],
    [/POST/, /^\/lfs\/(complete|verify)$/, async (call) => {
      const { oid } = (await jsonOf(call)) as { oid: string };
      sendJson(call.response, storage.finish(oid) ? 200 : 404, {});
    }],
    [/POST/, /^\/api\/models\/([^/]+\/[^/]+)\/commit\/([^/]+)$/, (call, name, branch) => writing(call, name!, (repository) => commit(call, name!, repository, decodeURIComponent(branch!)))],
    [/POST/, /^\/api\/validate-yaml$/, (call) => sendJson(call.response, 200, { errors: [], warnings: [] })],
    [/GET/, /^\/api\/whoami-v2$/, (call) => (isKnown(call) ? sendJson(call.response, 200, { type: 'user', name: 'me', orgs: [] }) : refuse(call, 401, 'Unauthorized', 'Invalid token'))],
  ]; // biome-ignore format: a table

  function uploadOf(oid: string, size: number): unknown {
    const verify = { href: `${hub.url}/lfs/verify` };
    if (size <= partBytes) return { upload: { href: `${storage.url}/${oid}?part=1` }, verify };
    const parts = Array.from({ length: Math.ceil(size / partBytes) }, (_, i) => [
      String(i + 1).padStart(5, '0'),
      `${storage.url}/${oid}?part=${i + 1}`,
    ]);
    return { upload: { href: `${hub.url}/lfs/complete`, header: { chunk_size: `${partBytes}`, ...Object.fromEntries(parts) } }, verify };
  }

  async function commit(call: Call, name: string, repository: Repository, branch: string): Promise<void> {
    const lines = (await readBody(call.request))
      .toString()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { key: string; value: Record<string, string> });
    const header = lines.find(({ key }) => key === 'header')?.value ?? {};
    const head = repository.branches.get(branch);
    if (head === undefined) return refuse(call, 404, 'RevisionNotFound', `Invalid rev id: ${branch}`);
    if (header.parentCommit && header.parentCommit !== head)
      return refuse(call, 412, 'Conflict', 'A commit has happened since. Please refresh and try again.');
    for (const { value } of lines.filter(({ key }) => key === 'lfsFile'))
      if (!storage.finish(value.oid!)) return refuse(call, 400, 'BadRequest', `LFS object ${value.oid} was never uploaded`);
    const { sha } = addCommit(repository, branch, header.summary ?? '', (tree) => {
      for (const { key, value } of lines) edits[key]?.(tree, value);
    });
    sendJson(call.response, 200, { success: true, commitOid: sha, commitUrl: `${hub.url}/${name}/commit/${sha}`, hookOutput: '' });
  }

  const edits: Readonly<Record<string, (tree: Map<string, Content>, value: Record<string, string>) => void>> = {
    file: (tree, { path, content }) => tree.set(path!, { bytes: Buffer.from(content!, 'base64'), isLarge: false }),
    lfsFile: (tree, { path, oid }) => tree.set(path!, { bytes: objects.get(oid!)!, isLarge: true }),
    deletedFile: (tree, { path }) => tree.delete(path!),
  };

  const hub = await listening(async (request, response) => {
    const fault = meet(request, 'hub', faults, seen);
    const url = new URL(request.url ?? '/', hub.url);
    const route = routes.find(([method, path]) => method.test(request.method ?? '') && path.test(url.pathname));
    const groups = route?.[1].exec(url.pathname)?.slice(1) ?? [];
    const call = { request, response, fault, url };
    if (fault?.kind === 'status') sendBytes(request, response, Buffer.alloc(0), {}, fault);
    else if (route) await route[2](call, ...groups);
    else refuse(call, 404, 'NotFound', `${request.method} ${url.pathname} is no route of this hub`);
  });
  const close = async (): Promise<void> => void (await Promise.all([hub.close(), storage.close()]));
  return { url: hub.url, storageUrl: storage.url, repositories, faults, seen, close };
}

const jsonOf = async ({ request }: Call): Promise<Record<string, unknown>> =>
  JSON.parse((await readBody(request)).toString()) as Record<string, unknown>;

/** Where large contents lie: another origin, which knows no tokens. */
async function startStorage(objects: Map<string, Buffer>, faults: Fault[], seen: Seen[]) {
  const parts = new Map<string, Buffer[]>();
  const { url, close } = await listening(async (request, response) => {
    const fault = meet(request, 'storage', faults, seen);
    const asked = new URL(request.url ?? '/', 'http://storage');
    const oid = asked.pathname.slice(1);
    if (request.method !== 'PUT') {
      const bytes = objects.get(oid);
      return bytes ? sendBytes(request, response, bytes, { etag: `"${oid}"` }, fault) : sendJson(response, 404, {});
    }
    const body = await readBody(request);
    if (fault) return sendBytes(request, response, body, {}, fault);
    const list = parts.get(oid) ?? [];
    list[Number(asked.searchParams.get('part')) - 1] = body;
    parts.set(oid, list);
    response.writeHead(200, { etag: `"${sha256(body)}"` }).end();
  });
  /** @returns whether all parts are there and are what they were announced to be */
  const finish = (oid: string): boolean => {
    const bytes = objects.get(oid) ?? Buffer.concat(parts.get(oid) ?? []);
    if (sha256(bytes) !== oid) return false;
    objects.set(oid, bytes);
    return true;
  };
  return { url, close, finish };
}
