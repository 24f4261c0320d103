/** @file The whole command line: every verb, and what is alike in all of them. */
import { Command } from 'commander';
import { packageVersion } from '../models/bundle/node.js';
import { type ExitCode, report } from './failure.js';
import type { Terminal } from './terminal.js';

/** Loaded when they are asked for: a server does not wait for what trains. In the order of `copydesk --help`. */
const verbs: Readonly<Record<string, () => Promise<(terminal: Terminal) => Command>>> = {
  audit: async () => (await import('./audit.js')).auditCommand,
  pretrain: async () => (await import('./pretrain.js')).pretrainCommand,
  generate: async () => (await import('./generate.js')).generateCommand,
  train: async () => (await import('./train.js')).trainCommand,
  export: async () => (await import('./export.js')).exportCommand,
  import: async () => (await import('./import.js')).importCommand,
  verify: async () => (await import('./verify.js')).verifyCommand,
  pull: async () => (await import('./pull.js')).pullCommand,
  push: async () => (await import('./push.js')).pushCommand,
  evaluate: async () => (await import('./evaluate.js')).evaluateCommand,
  predict: async () => (await import('./predict.js')).predictCommand,
  study: async () => (await import('./study.js')).studyCommand,
  compare: async () => (await import('./compare.js')).compareCommand,
  ablate: async () => (await import('./ablate.js')).ablateCommand,
  policy: async () => (await import('./policy.js')).policyCommand,
  serve: async () => (await import('./serve.js')).serveCommand,
  work: async () => (await import('./work.js')).workCommand,
  keys: async () => (await import('./keys.js')).keysCommand,
  review: async () => (await import('./review.js')).reviewCommand,
  doctor: async () => (await import('./doctor.js')).doctorCommand,
};

/**
 * Carries out one command line.
 *
 * @param args what was typed after `copydesk`
 */
export async function runProgram(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const program = await createProgram(terminal, args);
  try {
    if (args.length === 0) program.help({ error: true });
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    return report(error, verbOf(program, args), terminal);
  }
}

async function createProgram(terminal: Terminal, [first = '']: readonly string[]): Promise<Command> {
  const wanted = Object.hasOwn(verbs, first) ? [verbs[first]!] : Object.values(verbs);
  const program = new Command('copydesk')
    .description('The desk every story crosses before it is published: train a text classifier, export it, serve it.')
    .version(packageVersion())
    .addHelpText('after', example);
  for (const load of wanted) program.addCommand((await load())(terminal));
  for (const command of withAllBelow(program)) {
    command
      .exitOverride()
      .showHelpAfterError('Type the command with --help for examples.')
      .configureOutput({ writeOut: (text) => terminal.stdout.write(text), writeErr: (text) => terminal.stderr.write(text) });
  }
  return program;
}

const withAllBelow = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(withAllBelow)];

function verbOf(program: Command, [first]: readonly string[]): string {
  return program.commands.find((command) => command.name() === first)?.name() ?? '';
}

const example = `
From labelled text to a server, in four commands:
  $ copydesk train examples/headlines.json --run runs/headlines
  $ copydesk export runs/headlines --to bundles
  $ copydesk evaluate bundles/headlines examples/headlines.val.jsonl
  $ copydesk serve --models bundles

Results go to stdout and talk goes to stderr. Exit codes: 0 done, 1 could not be done, 2 wrongly asked.`;
