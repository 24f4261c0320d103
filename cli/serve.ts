/** @file `copydesk serve`: bundles behind a REST interface and a page. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { packageFolder } from '../models/bundle/node.js';
import { UsageError } from '../models/index.js';
import { limitsSchema, startServer } from '../serving/index.js';
import { print, say, type Terminal } from './terminal.js';

type Options = {
  models?: string[];
  model?: string;
  host: string;
  port?: string;
  workers?: string;
  policy?: string;
  limit: Record<string, number>;
  keys?: string;
  allowOpen?: boolean;
  usage?: string;
  ratePerAddress: string[];
  publicMetrics?: boolean;
  cors: string[];
  trustProxy: string[];
  maxConnections?: string;
  watch?: string | true;
  shadow?: string;
  log: string;
};

export function serveCommand(terminal: Terminal): Command {
  return new Command('serve')
    .summary('answer over HTTP, and in the browser')
    .description(
      'Serves every bundle of the given folders: POST /classify, GET /models, /health/ready, /metrics, and a page to try them at /. Without --models, those that come with copydesk.',
    )
    .option('--models <dir...>', 'folders of bundles: each a bundle, NAME/ or NAME/VERSION below it')
    .option('--model <name>', 'model that answers requests which name none (NAME or NAME@VERSION)')
    .option('--host <address>', 'address to listen on; 0.0.0.0 for every network', '127.0.0.1')
    .option('--port <number>', 'port to listen on (default: 8000, or the next free one)')
    .option('--policy <file>', 'thresholds, word lists and clients (see copydesk policy); SIGHUP reads it again')
    .option('--watch [seconds]', 'look for bundles that come and go in the folders, every 5 seconds unless told otherwise')
    .option(
      '--shadow <name@version=share>',
      'ask this version along for a share of the requests to the others of its name, and count where it differs',
    )
    .option('--workers <number>', 'worker threads (default: one a core)')
    .option('--limit <name=number>', `one of ${Object.keys(limitsSchema.shape).join(', ')}; may be repeated`, limit, {})
    .option('--keys <file>', 'ask for keys: a file made with copydesk keys')
    .option('--allow-open', 'let anybody use this server from other machines, without keys')
    .option('--usage <file>', 'file that remembers what was used of quotas')
    .option('--rate-per-address <rate...>', 'for addresses without a key, such as 20/s or "100 texts/s"', [])
    .option('--public-metrics', 'let /metrics be read without a key')
    .option('--cors <origin...>', 'origins whose pages may ask, such as https://example.org; * for all', [])
    .option('--trust-proxy <addresses...>', 'proxies whose X-Forwarded-For is believed: addresses, networks, or loopback', [])
    .option('--max-connections <number>', 'connections at once; the same as --limit connections=NUMBER')
    .option('--log <level>', 'silent, error, warn, info or debug', 'info')
    .addHelpText('after', examples)
    .action(
      async ({
        models: given,
        model = given ? undefined : zooDefault,
        host,
        port,
        policy,
        workers,
        limit: limits,
        log,
        ...rest
      }: Options) => {
        const models = given ?? [zooFolder()];
        say(terminal, `loading models from ${models.join(', ')}`);
        const server = await startServer({
          models,
          host,
          ...(model === undefined ? {} : { defaultModel: model }),
          ...(port === undefined ? {} : { port: wholeNumber('--port', port, 0, 65_535) }),
          ...(policy === undefined ? {} : { policy }),
          ...(workers === undefined ? {} : { workers: wholeNumber('--workers', workers, 1, 1024) }),
          limits: connectionsOf(rest.maxConnections, limits),
          ...accessOptions(rest),
          ...liveOptions(rest),
          logLevel: logLevel(log),
          signals: true,
        });
        await print(terminal, welcome(server.url, server.models));
        await server.closed;
      },
    );
}

type AccessFlags = Pick<Options, 'keys' | 'allowOpen' | 'usage' | 'ratePerAddress' | 'publicMetrics' | 'cors' | 'trustProxy'>;

function accessOptions({ keys, allowOpen = false, usage, ratePerAddress, publicMetrics = false, cors, trustProxy }: AccessFlags) {
  const files = { ...(keys === undefined ? {} : { keys }), ...(usage === undefined ? {} : { usage }) };
  const split = (lists: readonly string[]): string[] => lists.flatMap((list) => list.split(',')).filter(Boolean);
  return { ...files, allowOpen, publicMetrics, addressRates: ratePerAddress, cors: split(cors), trustProxy: split(trustProxy) };
}

function liveOptions({ watch, shadow }: Pick<Options, 'watch' | 'shadow'>) {
  const watchSeconds = watch === undefined ? 0 : watch === true ? 5 : wholeNumber('--watch', watch, 1, 86_400);
  if (shadow === undefined) return { watchSeconds };
  const [, model, text = ''] = /^(.+)=(.*)$/.exec(shadow) ?? [];
  const share = Number(text);
  if (model === undefined || text.trim() === '' || !(share > 0 && share <= 1))
    throw new UsageError(
      'usage/argument',
      `--shadow ${shadow}: not NAME@VERSION=SHARE`,
      'write it as --shadow headlines-en@3f1c9a0b52de=0.1.',
    );
  return { watchSeconds, shadow: { model, share } };
}

function connectionsOf(text: string | undefined, limits: Readonly<Record<string, number>>): Record<string, number> {
  return text === undefined ? limits : { ...limits, connections: wholeNumber('--max-connections', text, 1, 1_000_000) };
}

const logLevels = ['silent', 'error', 'warn', 'info', 'debug'] as const;

function logLevel(text: string): (typeof logLevels)[number] {
  const level = logLevels.find((name) => name === text);
  if (level) return level;
  throw new UsageError('usage/argument', `--log: ${JSON.stringify(text)} is no level`, `give one of ${logLevels.join(', ')}.`);
}

function limit(pair: string, given: Readonly<Record<string, number>>): Record<string, number> {
  const [name = '', value = ''] = pair.split('=');
  if (name in limitsSchema.shape) return { ...given, [name]: wholeNumber(`--limit ${name}`, value, 1, Number.MAX_SAFE_INTEGER) };
  throw new UsageError(
    'usage/argument',
    `--limit ${pair}: there is no limit of that name`,
    `use one of ${Object.keys(limitsSchema.shape).join(', ')}.`,
  );
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError('usage/argument', `${option}: ${JSON.stringify(text)} is no whole number`, `give one from ${least} to ${most}.`);
}

/** Of the bundles that ship with the package, the one that is asked when none is named. */
const zooDefault = 'headlines-en';

/** The bundles that ship with the package. */
function zooFolder(): string {
  const folder = join(packageFolder(), 'models', 'zoo');
  if (existsSync(folder)) return folder;
  throw new UsageError(
    'serving/start',
    `serve: the models that come with copydesk are not in ${folder}`,
    'name a folder of bundles with --models.',
  );
}

function welcome(url: string, models: readonly string[]): string {
  return `Serving ${models.join(', ')} at ${url}

Try it in a browser, or here:
  curl -s ${url}/classify -H 'content-type: application/json' -d '{"text": "You will never guess what this bakery did next"}'

Train one of your own:
  npx copydesk train examples/headlines.json --run runs/headlines
  npx copydesk export runs/headlines --to bundles
  npx copydesk serve --models bundles

Stop with Ctrl+C.`;
}

const examples = `
  $ copydesk serve
  $ copydesk serve --models bundles --models more/bundles --port 9000
  $ curl -s http://127.0.0.1:8000/classify -H 'content-type: application/json' -d '{"texts": ["One", "Two"]}'`;
