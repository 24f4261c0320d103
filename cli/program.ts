/** @file The whole command line: every verb, and what is alike in all of them. */
import { Command } from 'commander';
import { packageVersion } from '../models/bundle/node.js';
import { ablateCommand } from './ablate.js';
import { auditCommand } from './audit.js';
import { compareCommand } from './compare.js';
import { doctorCommand } from './doctor.js';
import { evaluateCommand } from './evaluate.js';
import { exportCommand } from './export.js';
import { type ExitCode, report } from './failure.js';
import { generateCommand } from './generate.js';
import { importCommand } from './import.js';
import { keysCommand } from './keys.js';
import { policyCommand } from './policy.js';
import { predictCommand } from './predict.js';
import { pretrainCommand } from './pretrain.js';
import { pullCommand } from './pull.js';
import { pushCommand } from './push.js';
import { reviewCommand } from './review.js';
import { serveCommand } from './serve.js';
import { studyCommand } from './study.js';
import type { Terminal } from './terminal.js';
import { trainCommand } from './train.js';
import { verifyCommand } from './verify.js';
import { workCommand } from './work.js';

const verbs: readonly ((terminal: Terminal) => Command)[] = [
  auditCommand,
  pretrainCommand,
  generateCommand,
  trainCommand,
  exportCommand,
  importCommand,
  verifyCommand,
  pullCommand,
  pushCommand,
  evaluateCommand,
  predictCommand,
  studyCommand,
  compareCommand,
  ablateCommand,
  policyCommand,
  serveCommand,
  workCommand,
  keysCommand,
  reviewCommand,
  doctorCommand,
];

/**
 * Carries out one command line.
 *
 * @param args what was typed after `copydesk`
 */
export async function runProgram(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const program = createProgram(terminal);
  try {
    if (args.length === 0) program.help({ error: true });
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    return report(error, verbOf(program, args), terminal);
  }
}

function createProgram(terminal: Terminal): Command {
  const program = new Command('copydesk')
    .description('The desk every story crosses before it is published: train a text classifier, export it, serve it.')
    .version(packageVersion())
    .addHelpText('after', example);
  for (const verb of verbs) program.addCommand(verb(terminal));
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
