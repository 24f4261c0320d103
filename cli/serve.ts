/** @file `copydesk serve`: bundles behind a REST interface and a page. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { packageFolder, packageVersion } from '../models/bundle/node.js';
import { UsageError } from '../models/index.js';
import { openTracing, type ReadSettings, readSettings, readSettingsFile, startServer, throwFirst } from '../serving/index.js';
import { checkServer } from './serve-check.js';
import { flagsOf, withSettings } from './setting-options.js';
import { print, say, type Terminal } from './terminal.js';

type Options = { readonly config?: string; readonly check?: true; readonly json?: true };

export function serveCommand(terminal: Terminal): Command {
  const command = new Command('serve')
    .summary('answer over HTTP, and in the browser')
    .description(
      'Serves every bundle of the given folders: POST /classify, GET /models, /health/ready, /metrics, and a page to try them at /. A setting comes from its flag, else from its environment variable (in brackets), else from the file of --config, else it has its default; docs/settings.md has all.',
    )
    .option('--config <file>', 'settings, as JSON; paths in it are seen from its folder [COPYDESK_CONFIG]')
    .option('--check', 'do not serve: say what is wrong with settings, keys, policy and models, and which setting comes from where')
    .option('--json', 'with --check: print the result as one JSON object');
  return withSettings(command)
    .addHelpText('after', examples)
    .action(async ({ config, check, json }: Options) => {
      const settings = await settingsOf(terminal, command, config);
      if (check) return checkServer(terminal, settings, json);
      for (const remark of settings.remarks) say(terminal, `note: ${remark}`);
      throwFirst(settings.problems);
      say(terminal, `loading models from ${settings.options.models.join(', ')}`);
      const tracing = await openTracing(terminal.env, packageVersion());
      const server = await startServer({ ...settings.options, signals: true }, undefined, { tracing }).catch(unlessStopped);
      if (!server) return;
      await print(terminal, welcome(server.url, server.models));
      await server.closed;
    });
}

/** To be told to end before one has begun is no failure. */
function unlessStopped(error: unknown): undefined {
  if (!(error instanceof UsageError && error.code === 'serving/stopped')) throw error;
}

/** Variables of the program that are no settings of the server. */
const otherVariables = ['COPYDESK_CONFIG', 'COPYDESK_DEBUG'];

async function settingsOf({ env }: Terminal, command: Command, config = env.COPYDESK_CONFIG?.trim() || undefined): Promise<ReadSettings> {
  const file = config === undefined ? {} : { file: await readSettingsFile(config) };
  const given = { flags: flagsOf(command), env, otherVariables, ...file };
  const zoo = join(packageFolder(), 'models', 'zoo');
  const settings = readSettings({ ...given, fallback: existsSync(zoo) ? { models: [zoo] } : {} });
  if (settings.sources.has('models') || settings.sources.has('defaultModel')) return settings;
  return { ...settings, options: { ...settings.options, defaultModel: zooDefault } };
}

/** Of the bundles that ship with the package, which are served where no folder is named: the one that is asked when no model is. */
const zooDefault = 'headlines-en';

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
  $ copydesk serve --config serve.json --check
  $ COPYDESK_LIMITS_WAIT_MS=5000 copydesk serve --config serve.json
  $ curl -s http://127.0.0.1:8000/classify -H 'content-type: application/json' -d '{"texts": ["One", "Two"]}'`;
