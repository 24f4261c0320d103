/** @file `copydesk doctor`: what this machine can do, and how to get what is missing. */
import { Command, Option } from 'commander';
import { type Provider, UsageError } from '../models/index.js';
import { buildTensorflow } from './doctor/build-tensorflow.js';
import { sentence } from './doctor/finding.js';
import { findings, findingsOn } from './doctor/findings.js';
import { gatherFacts } from './doctor/gather-facts.js';
import { gatherTensorflow, probeTensorflowHere } from './doctor/gather-tensorflow.js';
import { probeHere, type SelfCommand } from './doctor/probe-provider.js';
import { print, say, type Terminal } from './terminal.js';

type Options = {
  readonly port: string;
  readonly json?: true;
  readonly probe?: Provider | 'tensorflow';
  readonly buildTensorflow?: true;
  readonly python?: string;
};

export function doctorCommand(terminal: Terminal): Command {
  return new Command('doctor')
    .summary('what this machine can do, and how to get what is missing')
    .description(
      'Looks at Node, npm, ONNX Runtime and its providers (CPU, CUDA, WebGPU), cores, memory and the limits of a container, TensorFlow, disk, the models that came with Copydesk, the port and the clock, and says what to do about each. Changes nothing and fetches nothing, unless --build-tensorflow is given. Exits with 1 where something that is needed is missing.',
    )
    .option('--port <number>', 'port that a server would listen on', '8000')
    .option('--json', 'print findings and facts as one JSON object')
    .option('--build-tensorflow', 'compile the native library of TensorFlow.js against the TensorFlow of a Python, and try it')
    .option('--python <path>', 'the Python for that; default COPYDESK_PYTHON, else python3')
    .addOption(new Option('--probe <provider>').hideHelp())
    .addHelpText('after', examples)
    .action(async ({ port, json, probe, buildTensorflow: builds, python }: Options) => {
      if (probe === 'tensorflow') return print(terminal, JSON.stringify(await probeTensorflowHere()));
      if (probe !== undefined) return print(terminal, JSON.stringify(await probeHere(probe)));
      const self = { file: process.execPath, args: [...process.execArgv, process.argv[1]!] };
      if (builds) return build(terminal, self, python);
      say(terminal, 'looking at this machine, and trying a model on each provider');
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

/** Builds, and says what came of it. */
async function build(terminal: Terminal, self: SelfCommand, python = terminal.env.COPYDESK_PYTHON ?? 'python3'): Promise<void> {
  const addon = await buildTensorflow({ python, say: (text) => say(terminal, text) });
  say(terminal, `wrote ${addon}`);
  for (const finding of findingsOn('tensorflow', await gatherTensorflow(self))) await print(terminal, sentence(finding));
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port > 0 && port <= 65_535) return port;
  throw new UsageError('usage/argument', `--port: ${JSON.stringify(text)} is no port`, 'give a number from 1 to 65535.');
}

const examples = `
  $ copydesk doctor
  $ copydesk doctor --build-tensorflow --python .venv/bin/python
  $ copydesk doctor --json | jq '.findings[] | select(.state == "wrong")'`;
