/** @file The client of a server, for browsers and Node: `createClient({ url }).classify('…')`. */
import type { ClassifyRequest, ModelInfo } from '../../protocol/index.js';
import { type Answer, type Batch, type Classifier, CopydeskError, classifyWith, disposed, groupCalls, type Item, limited } from '../asking/index.js'; // biome-ignore format: one line
import { withRetries } from './retry.js';
import { fieldsOf, type Server, sendRequest } from './send-request.js';

export type ClientOptions = {
  /** Of the server; a path before `/classify` is kept. */
  readonly url: string | URL;
  /** For a server that asks for one. Called before each request where it is a function; empty: none is sent. */
  readonly key?: string | (() => string | Promise<string>);
  /** `name` or `name@version`. Default: the server's default model. */
  readonly model?: string;
  /** Of all texts, as BCP 47 has it: which word lists of the server are for them. */
  readonly language?: string;
  /** Keeps held texts out of the server's queue for reviewers. Default false. */
  readonly doNotStore?: boolean;
  /** Milliseconds that a call may take, its repetitions included, unless it says otherwise. Default 30 000. */
  readonly timeout?: number;
  /** Requests made again after the first. Default 3. A text that a server holds for reviewers may then be held twice. */
  readonly retries?: number;
  /** How calls made together share requests. */
  readonly batch?: {
    /** Milliseconds that the first waits for others. Default 3. */
    readonly wait?: number;
    /** Texts of one request. Default 64; a server takes 256 unless told otherwise. */
    readonly texts?: number;
    /** Characters of one request. Default 150 000; a server takes a megabyte unless told otherwise. */
    readonly characters?: number;
    /** Requests at once. Default 4. */
    readonly parallel?: number;
  };
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: the platform's own. */
  readonly fetch?: typeof fetch;
};

export type Client = Classifier & {
  /** What the server can answer with. */
  models(): Promise<readonly ModelInfo[]>;
};

/** Nothing is asked before the first call. */
export function createClient(options: ClientOptions): Client {
  const { key = '', model, language, doNotStore, timeout = 30_000, retries = 3, batch = {} } = options;
  const server: Server = {
    url: `${String(options.url).replace(/[?#].*$/, '').replace(/\/+$/, '')}/`, // biome-ignore format: one idea
    async headers() {
      const held = typeof key === 'function' ? await key() : key;
      return { ...options.headers, ...(held === '' ? {} : { authorization: `Bearer ${held}` }) };
    },
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
  };
  const ended = new AbortController();

  async function ask({ items, explain, deadline, signal }: Batch): Promise<readonly Answer[]> {
    const request = (): ClassifyRequest => ({
      texts: items.map(asSent),
      ...(model === undefined ? {} : { model }),
      ...(language === undefined ? {} : { language }),
      ...(doNotStore ? { do_not_store: true } : {}),
      ...(explain === undefined ? {} : { explain }),
      ...(Number.isFinite(deadline) ? { timeout_ms: Math.max(1, Math.floor(deadline - performance.now())) } : {}),
    });
    const answer = await withRetries(() => sendRequest(server, 'classify', request(), signal), { retries, deadline, signal });
    const { results } = fieldsOf(answer);
    if (Array.isArray(results) && results.length === items.length && results.every((one) => 'decision' in fieldsOf(one)))
      return results as Answer[];
    throw unknownAnswer(`${server.url}classify`, `no verdict for each of ${items.length} texts`);
  }

  async function models(within = timeout, given?: AbortSignal): Promise<readonly ModelInfo[]> {
    if (ended.signal.aborted) throw disposed();
    const rules = { retries, deadline: performance.now() + within, signal: ended.signal };
    const asking = withRetries(() => sendRequest(server, 'models', undefined, ended.signal), rules);
    const answer = fieldsOf(await limited(asking, within, given));
    if (Array.isArray(answer.models)) return answer.models as ModelInfo[];
    throw unknownAnswer(`${server.url}models`, 'no list of models');
  }

  const { wait = 3, texts = 64, characters = 150_000, parallel = 4 } = batch;
  const calls = groupCalls({
    ask,
    wait,
    texts: { plain: texts, explained: Math.min(texts, explainedTexts) },
    characters,
    parallel,
    timeout,
    splits: ({ status = 0 }) => itemsAtFault.has(status),
  });
  return {
    classify: classifyWith(calls),
    models: () => models(),
    async ready({ signal, timeout: within } = {}) {
      const [name, version] = (model ?? '').split('@');
      const all = await models(within, signal);
      const fits = (one: ModelInfo): boolean =>
        model === undefined ? one.default : one.name === name && (version === undefined || one.version === version);
      const info = all.findLast(fits); // a name alone is its newest version, which a server lists last
      if (!info) throw new CopydeskError('unknown-model', `${server.url} has no model ${model ?? 'by default'}`, `use one of ${all.map((one) => `${one.name}@${one.version}`).join(', ') || 'a server with models'}`); // biome-ignore format: one idea
      const { labels, activation, input, policy } = info;
      return { name: info.name, version: info.version, labels, activation, input, policy, runs: { where: 'server', url: server.url } };
    },
    dispose() {
      ended.abort(disposed());
      calls.dispose();
    },
  };
}

/** That a server explains in one request, unless told otherwise. */
const explainedTexts = 8;

/** Bad request, too large, not to be processed: each caller is told of its own texts. */
const itemsAtFault: ReadonlySet<number> = new Set([400, 413, 422]);

const asSent = (item: Item) => (typeof item === 'string' ? item : { text: item.text, ...(item.pair === undefined ? {} : { pair: item.pair }) }); // biome-ignore format: one line

const unknownAnswer = (where: string, what: string): CopydeskError =>
  new CopydeskError(
    'answer-invalid',
    `${where} answered with ${what}`,
    'check that the address is that of a Copydesk server of this version',
  );
