/** @file `copydesk doctor`: what this machine can do, and how to get what is missing. */
import { Command, Option } from 'commander';
import { type Provider, UsageError } from '../models/index.js';
import { sentence } from './doctor/finding.js';
import { findings } from './doctor/findings.js';
import { gatherFacts } from './doctor/gather-facts.js';
import { probeHere } from './doctor/probe-provider.js';
import { print, say, type Terminal } from './terminal.js';

type Options = { readonly port: string; readonly json?: true; readonly probe?: Provider };

export function doctorCommand(terminal: Terminal): Command {
  return new Command('doctor')
    .summary('what this machine can do, and how to get what is missing')
    .description(
      'Looks at Node, npm, ONNX Runtime and its providers (CPU, CUDA, WebGPU), cores, memory and the limits of a container, TensorFlow, disk, the models that came with Copydesk, the port and the clock, and says what to do about each. Changes nothing and fetches nothing. Exits with 1 where something that is needed is missing.',
    )
    .option('--port <number>', 'port that a server would listen on', '8000')
    .option('--json', 'print findings and facts as one JSON object')
    .addOption(new Option('--probe <provider>').hideHelp())
    .addHelpText('after', examples)
    .action(async ({ port, json, probe }: Options) => {
      if (probe !== undefined) return print(terminal, JSON.stringify(await probeHere(probe)));
      say(terminal, 'looking at this machine, and trying a model on each provider');
      const self = { file: process.execPath, args: [...process.execArgv, process.argv[1]!] };
      const facts = await gatherFacts({ self, port: portOf(port), env: terminal.env });
      const found = findings(facts);
      const wrong = found.filter(({ state }) => state === 'wrong').length;
      if (json) await print(terminal, JSON.stringify({ ok: wrong === 0, findings: found, facts }));
      else for (const finding of found) await print(terminal, sentence(finding));
      if (wrong === 0) return;
      const what = wrong === 1 ? 'one thing that is needed is missing' : `${wrong} things that are needed are missing`;
      throw new UsageError('serving/start', what, 'do what is said above, then ask the doctor again.');
    });
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port > 0 && port <= 65_535) return port;
  throw new UsageError('usage/argument', `--port: ${JSON.stringify(text)} is no port`, 'give a number from 1 to 65535.');
}

const examples = `
  $ copydesk doctor
  $ copydesk doctor --json | jq '.findings[] | select(.state == "wrong")'`;
