/** @file `copydesk serve`: bundles behind a REST interface and a page. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { UsageError } from '../models/index.js';
import { limitsSchema, startServer } from '../serving/index.js';
import { packageFolder } from './package-folder.js';
import { print, say, type Terminal } from './terminal.js';

type Options = {
  models?: string[];
  model?: string;
  host: string;
  port?: string;
  workers?: string;
  limit: Record<string, number>;
  log: string;
};

export function serveCommand(terminal: Terminal): Command {
  return new Command('serve')
    .summary('answer over HTTP, and in the browser')
    .description(
      'Serves every bundle of the given folders: POST /classify, GET /models, /health/ready, /metrics, and a page to try them at /. Without --models, the model that comes with copydesk.',
    )
    .option('--models <dir...>', 'folders of bundles: each a bundle, NAME/ or NAME/VERSION below it')
    .option('--model <name>', 'model that answers requests which name none (NAME or NAME@VERSION)')
    .option('--host <address>', 'address to listen on; 0.0.0.0 for every network', '127.0.0.1')
    .option('--port <number>', 'port to listen on (default: 8000, or the next free one)')
    .option('--workers <number>', 'worker threads (default: one a core)')
    .option('--limit <name=number>', `one of ${Object.keys(limitsSchema.shape).join(', ')}; may be repeated`, limit, {})
    .option('--log <level>', 'silent, error, warn, info or debug', 'info')
    .addHelpText('after', examples)
    .action(async ({ models = [zooFolder()], model, host, port, workers, limit: limits, log }: Options) => {
      say(terminal, `loading models from ${models.join(', ')}`);
      const server = await startServer({
        models,
        host,
        ...(model === undefined ? {} : { defaultModel: model }),
        ...(port === undefined ? {} : { port: wholeNumber('--port', port, 0, 65_535) }),
        ...(workers === undefined ? {} : { workers: wholeNumber('--workers', workers, 1, 1024) }),
        limits,
        logLevel: logLevel(log),
        signals: true,
      });
      await print(terminal, welcome(server.url, server.models));
      await server.closed;
    });
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
