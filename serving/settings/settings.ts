/**
 * @file Every setting of the server, once: its flag, its environment variable (from its key, see `variableOf`), how its text is read, and
 * what it is for. From this table come the flags of `copydesk serve`, what is read from the environment and from a file, and docs/settings.md.
 *
 * To add a setting: give it a key and a default in `../http/options.ts` (or `../desk/limits.ts`), and a line here; the compiler asks for it.
 * `kind(help, '--flag <value>')`, without a flag if it should have none. Keys inside an object are written with a dot: `review.file`. What
 * must not be shown gets `{ secret: true }` as the third argument. Then `npx vitest run serving/settings -u` writes the docs anew.
 */
import type { Limits } from '../desk/index.js';
import type { ResolvedServerOptions } from '../http/index.js';
import { list, number, path, paths, type Setting, text, whole, yesNo } from './setting.js';

/** What the program decides and nobody sets. */
type OfProgram = 'signals';

type Scalar = string | number | boolean;

/** The keys of all values, those inside objects with a dot. */
type KeysOf<T> = {
  [K in keyof T & string]-?: NonNullable<T[K]> extends Scalar | readonly unknown[] ? K : `${K}.${KeysOf<NonNullable<T[K]>>}`;
}[keyof T & string];

export type SettingKey = KeysOf<Omit<ResolvedServerOptions, OfProgram>>;

const limits: { readonly [K in keyof Limits as `limits.${K}`]: Setting } = {
  'limits.bodyBytes': whole('bytes of a body'),
  'limits.jobBytes': whole('bytes of a file of texts that is sent as a job'),
  'limits.jobMs': whole('milliseconds for such a file to arrive'),
  'limits.jsonDepth': whole('arrays and objects inside one another, in a body'),
  'limits.queueBytes': whole('bytes of all bodies in hand together'),
  'limits.connections': whole('connections at once', '--max-connections <number>'),
  'limits.headersMs': whole('milliseconds for the headers of a request to arrive'),
  'limits.requestMs': whole('milliseconds for a whole request to arrive'),
  'limits.keepAliveMs': whole('milliseconds that a connection stays open between two requests'),
  'limits.stallMs': whole('milliseconds after which a connection in use on which nothing moves is closed'),
  'limits.texts': whole('texts in a request'),
  'limits.characters': whole('UTF-16 units in a text'),
  'limits.queueTexts': whole('texts that may wait'),
  'limits.queueTokens': whole('tokens that may wait'),
  'limits.waitMs': whole('milliseconds in which a request is answered or refused'),
  'limits.batchTexts': whole('texts in a batch'),
  'limits.batchTokens': whole('tokens in a batch, padding included'),
  'limits.batchMs': whole('milliseconds that a batch of several texts may take on one worker, by what earlier ones took'),
  'limits.batchOverheadTokens': whole('what starting a batch costs, in tokens'),
  'limits.cacheBytes': whole('bytes of answers that are kept for when a text comes again; 0: none'),
  'limits.explainTexts': whole('texts of a request that are explained at most; 0: none'),
  'limits.explainCalls': whole('texts that the model is asked for one explanation'),
  'limits.explainMs': whole('milliseconds that the explanations of a request may take after its verdicts'),
  'limits.models': whole('models loaded at once'),
  'limits.drainMs': whole('milliseconds that accepted work is given when the server stops'),
};

export const settings: { readonly [K in SettingKey]: Setting } = {
  models: paths('folders of bundles: each a bundle, NAME/ or NAME/VERSION below it', '--models <dir...>', {
    usual: 'those that come with copydesk',
  }),
  defaultModel: text('model that answers requests which name none (NAME or NAME@VERSION)', '--model <name>', { usual: 'the first found' }),
  host: text('address to listen on; 0.0.0.0 for every network', '--host <address>'),
  port: whole('port to listen on', '--port <number>', { usual: '8000, or the next one that is free' }),
  keys: path('ask for keys: a file made with copydesk keys', '--keys <file>'),
  allowOpen: yesNo('let anybody use this server from other machines, without keys', '--allow-open'),
  usage: path('file that remembers what was used of quotas', '--usage <file>'),
  addressRates: list('rates for addresses without a key, such as 20/s or "100 texts/s"', '--rate-per-address <rate...>'),
  publicMetrics: yesNo('let /metrics be read without a key', '--public-metrics'),
  cors: list('origins whose pages may ask, such as https://example.org; * for all', '--cors <origin...>'),
  trustProxy: list('proxies whose X-Forwarded-For is believed: addresses, networks, or loopback', '--trust-proxy <addresses...>'),
  policy: path('thresholds, word lists and clients (see copydesk policy); SIGHUP reads it again', '--policy <file>'),
  'jobs.folder': path('take on files of texts, and keep them and their answers in this folder', '--jobs <folder>'),
  'jobs.days': number('days after which a job that has ended is erased', '--jobs-days <days>'),
  'jobs.atOnce': whole('jobs that are worked on at once'),
  'jobs.perClient': whole('jobs that a client may have which have not ended'),
  'jobs.redis': text('leave jobs to copydesk work, through this queue: redis://host:port', '--redis <url>', { secret: true }),
  watchSeconds: number('seconds between two looks for bundles that come and go in the folders; 0: none', '--watch [seconds]', {
    bare: '5',
  }),
  'review.file': path('keep what the policy holds for reviewers, and feedback, in this SQLite file', '--review <file>'),
  'review.hold': list('decisions that bring a text into the queue: review, block', '--review-hold <decisions>'),
  'review.days': number('days after which held texts, decisions and feedback are erased', '--review-days <days>'),
  'review.items': whole('items that may wait for reviewers; also the most suggestions that are kept'),
  'review.megabytes': whole('largest size of the file of held texts, in MiB'),
  'review.waitMs': whole('milliseconds that an answer waits until its held texts are on the disk'),
  'review.leaseSeconds': whole('seconds for which a claim holds'),
  'shadow.model': text('version that is asked along for a share of the requests to the others of its name'),
  'shadow.share': number('that share, from 0 to 1'),
  providers: list(
    'what may compute, the best first, of cuda, webgpu and cpu: a later one only where those before it do not work here',
    '--providers <names>',
  ),
  precision: text('model file to run: fp32, int8, fp16, or auto for the fastest that a bundle has', '--precision <name>'),
  workers: whole('worker threads', '--workers <number>', { usual: 'one a core that it may use' }),
  wideThreads: whole(
    'threads of the first worker while the others have nothing to do, where a model gains by it',
    '--wide-threads <number>',
    {
      usual: 'one a core that it may use, at most 4',
    },
  ),
  inlineMs: number(
    'milliseconds for which the thread that listens may compute a short text itself while nobody else asks; 0: never',
    '--inline-ms <number>',
  ),
  ...limits,
  logLevel: text('silent, error, warn, info or debug', '--log <level>'),
  page: path('folder of the built page', undefined, { usual: 'where the build puts it' }),
};

export const settingKeys = Object.keys(settings) as readonly SettingKey[];

/** A flag that stands for several settings: what it was given → their texts. */
export type CompoundFlag = {
  readonly flag: string;
  readonly help: string;
  /** @returns `undefined` for a text that is not of its form */
  readonly split: (text: string) => Readonly<Record<string, string>> | undefined;
  readonly form: string;
  /** What sets this one, for the docs. */
  readonly example: (key: string) => string;
};

export const compoundFlags: readonly CompoundFlag[] = [
  {
    flag: '--limit <name=number...>',
    help: `one of ${Object.keys(limits)
      .map((key) => key.slice('limits.'.length))
      .join(', ')}; may be repeated`,
    form: 'NAME=NUMBER',
    example: (key) => `${key.replace(/^limits\./, '')}=NUMBER`,
    split: (text) => {
      const [, name, value] = /^([^=]+)=(.*)$/.exec(text) ?? [];
      return name === undefined ? undefined : { [`limits.${name}`]: value! };
    },
  },
  {
    flag: '--shadow <name@version=share>',
    help: 'ask this version along for a share of the requests to the others of its name, and count where it differs',
    form: 'NAME@VERSION=SHARE',
    example: () => 'NAME@VERSION=SHARE',
    split: (text) => {
      const [, model, share] = /^(.+)=(.+)$/.exec(text) ?? [];
      return model === undefined ? undefined : { 'shadow.model': model, 'shadow.share': share! };
    },
  },
];
