/** @file `copydesk pull`: a bundle from the Hugging Face hub or any web server. */
import { Command } from 'commander';
import { type HubOptions, openHub, parseSource, pullBundle, pullPlain, type Source } from '../models/hub/node.js';
import { UsageError } from '../models/index.js';
import { print, say, type Terminal } from './terminal.js';
import { transferProgress } from './transfer-progress.js';

type Options = { to: string; plain?: true; overwrite?: true; insecure?: true; json?: true };

export function pullCommand(terminal: Terminal): Command {
  return new Command('pull')
    .summary('fetch a bundle from the Hugging Face hub or a web server')
    .description(
      'Writes a bundle that lies elsewhere as NAME/VERSION, as copydesk export does: whole and verified, each file against its sha256, or not at all. What was cut, by the network or by Ctrl-C, goes on when it is asked for again.',
    )
    .argument('<source>', 'owner/name or owner/name@revision on the hub, or the address of the folder that holds copydesk.json')
    .option('--to <dir>', 'folder of models; the bundle becomes NAME/VERSION in it', 'bundles')
    .option('--plain', 'fetch a model that is no bundle (config, tokenizer, safetensors) as a folder NAME, for copydesk import')
    .option('--overwrite', 'replace a different bundle of the same name and version')
    .option('--insecure', 'allow http:// beyond this machine')
    .option('--json', 'print {"folder", "from", "name", "version"} instead of the folder')
    .addHelpText('after', examples)
    .action(async (text: string, options: Options) => {
      const hub = await openHub(terminal.env, talking(terminal, options));
      const source = parseSource(text, hub.url);
      const bar = transferProgress(terminal, 'pulling');
      const asked = { hub, to: options.to, overwrite: options.overwrite === true, onProgress: bar.update };
      const result = await (options.plain
        ? plain(terminal, { ...asked, source: onHub(source, text) })
        : bundle(terminal, { ...asked, source })
      ).finally(bar.stop);
      await print(terminal, options.json ? JSON.stringify(result) : result.folder);
    });
}

/** Whoever waits is told why. */
export const talking = (terminal: Terminal, { insecure = false }: { insecure?: boolean }): HubOptions => ({
  insecure,
  onRetry: (what) => say(terminal, what),
});

type Result = { readonly folder: string; readonly from: string };

async function bundle(terminal: Terminal, options: Parameters<typeof pullBundle>[0]): Promise<Result & { name: string; version: string }> {
  const { bundle, from, unchanged } = await pullBundle(options);
  const { name, version, files } = bundle.manifest;
  say(terminal, `${name}@${version} from ${from}: ${unchanged ? 'it was here already' : `${files.length} files are whole`}`);
  return { folder: bundle.folder, from, name, version };
}

async function plain(terminal: Terminal, options: Parameters<typeof pullPlain>[0]): Promise<Result> {
  const { folder, from } = await pullPlain(options);
  say(
    terminal,
    `${from}: to a bundle by \`copydesk import ${folder} --to bundles\`, or train from it with "model": {"pretrained": ${JSON.stringify(folder)}}`,
  );
  return { folder, from };
}

function onHub(source: Source, text: string): Extract<Source, { kind: 'hub' }> {
  if (source.kind === 'hub') return source;
  throw new UsageError(
    'usage/argument',
    `--plain: ${text} is not on the hub`,
    'write owner/name; from a web server only bundles come, which list their files.',
  );
}

const examples = `
The folder of the bundle is printed, so that it can be used at once:
  $ copydesk pull newsroom/headlines
  bundles/headlines/3f1c9a0b52de
  $ copydesk pull newsroom/headlines@v2 --to models
  $ copydesk pull https://models.example.org/headlines/3f1c9a0b52de/
  $ copydesk serve --models bundles

A model that somebody else trained:
  $ copydesk pull owner/distilbert-toxicity --plain --to downloads
  downloads/distilbert-toxicity
  $ copydesk import downloads/distilbert-toxicity --to bundles --calibrate labelled.jsonl

HF_TOKEN, or the file that \`hf auth login\` writes, opens what is private; HF_ENDPOINT names another hub.`;
