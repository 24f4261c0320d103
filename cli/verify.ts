/** @file `copydesk verify`: whether a bundle is whole and works. */
import { Command } from 'commander';
import { type Bundle, verifyBundle } from '../models/bundle/node.js';
import { answerProbes, checkProbes, createClassifier, parityFault, probeTexts, UsageError } from '../models/index.js';
import { createSession } from '../models/runtime/node.js';
import { createTokenizer } from '../models/text/node.js';
import { comparedFigures, type Figures, type MetricName, metricTitles, metricValue, taskOf } from '../training/index.js';
import { evaluateFile } from './evaluate.js';
import { openBundle } from './open-bundle.js';
import { type PrecisionOption, precisionOption } from './precision-option.js';
import { print, say, type Terminal } from './terminal.js';

type Options = PrecisionOption & { data?: string; minMacroF1?: string; json?: true };

export function verifyCommand(terminal: Terminal): Command {
  return new Command('verify')
    .summary('check that a bundle is whole, loads and answers')
    .description(
      'Checks the manifest, the path, size and sha256 of every file, the parity record, and that the model answers the texts that the bundle carries as it did when it was written. With --data also that it is accurate enough.',
    )
    .argument('<bundle>', 'folder that `copydesk export` wrote')
    .option('--data <file>', 'labelled texts to measure it on')
    .addOption(precisionOption())
    .option(
      '--min-macro-f1 <value>',
      'lowest macro F1 on --data that passes (default: the one recorded for val, less 0.01; of a regression its correlation)',
    )
    .option('--json', 'print the result as one JSON object')
    .addHelpText('after', examples)
    .action(async (folder: string, { data, minMacroF1, precision, json }: Options) => {
      const gate = gateOf(minMacroF1, data);
      const bundle = await verifyBundle((await openBundle(folder)).folder);
      const { name, version, files, parity } = bundle.manifest;
      say(terminal, `${name}@${version}: ${files.length} files are whole`);
      checkParityRecord(bundle);
      const repeated = await checkAnswers(bundle);
      for (const precision of Object.keys(bundle.manifest.models)) {
        const off = repeated[precision];
        say(
          terminal,
          `${precision} ${off === undefined ? 'answers' : `answers its recorded texts as it did, logits within ${off.toExponential(1)}`}`,
        );
      }
      const figure = data === undefined ? {} : await checkAccuracy(terminal, bundle, data, { gate, precision });
      await print(
        terminal,
        json ? JSON.stringify({ ok: true, name, version, files: files.length, parity, repeated, ...figure }) : `ok ${name}@${version}`,
      );
    });
}

function gateOf(text: string | undefined, data: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new UsageError('usage/argument', `--min-macro-f1: ${JSON.stringify(text)} is no share`, 'give a number from 0 to 1.');
  if (data === undefined)
    throw new UsageError('usage/argument', '--min-macro-f1: there is nothing to measure on', 'name labelled texts with --data.');
  return value;
}

function checkParityRecord({ manifest }: Bundle): void {
  for (const precision of Object.keys(manifest.models)) {
    const record = manifest.parity[precision];
    const what = record ? parityFault(record) : 'it has no parity record';
    if (what !== undefined)
      throw new UsageError('bundle/parity', `${manifest.name}: the ${precision} model: ${what}`, 'export the run again.');
  }
}

/** Runs every model file on the texts that the bundle carries. @returns by precision how far a logit is off at most; empty for a bundle that carries none */
async function checkAnswers({ manifest, modelPath, tokenizerJson, probes }: Bundle): Promise<Readonly<Record<string, number>>> {
  const { labels, models, text } = manifest;
  const tokenizer = createTokenizer(tokenizerJson);
  const recorded = await probes();
  const repeated: Record<string, number> = {};
  for (const precision of Object.keys(models) as (keyof typeof models)[]) {
    const session = await createSession(modelPath(precision));
    try {
      const classifier = createClassifier({ session, tokenizer, ...text });
      if (recorded) repeated[precision] = await checkProbes(classifier, recorded, manifest, precision);
      const logits = recorded ? [] : await answerProbes(classifier, probeTexts(text.input));
      if (logits.some((values) => values.length !== labels.length || !values.every(Number.isFinite))) {
        throw new UsageError(
          'bundle/invalid',
          `${manifest.name}: the ${precision} model does not give one finite logit for each of its ${labels.length} labels`,
          'export the run again.',
        );
      }
    } finally {
      await session.dispose();
    }
  }
  return repeated;
}

/** @returns the figure that decided, by its name */
async function checkAccuracy(
  terminal: Terminal,
  { manifest, folder }: Bundle,
  data: string,
  { gate, precision }: PrecisionOption & { readonly gate: number | undefined },
): Promise<Figures> {
  const [name]: readonly [MetricName, ...unknown[]] = comparedFigures[taskOf(manifest.activation)];
  if (gate !== undefined && name !== 'macroF1')
    throw new UsageError('usage/argument', `--min-macro-f1: ${manifest.name} gives values, not labels`, 'leave it out.');
  const recorded = metricValue((manifest.metrics.val ?? {}) as Figures, name);
  const least = gate ?? (recorded ?? 0) - 0.01;
  const value = metricValue(await evaluateFile(terminal, folder, data, { precision }), name);
  const title = metricTitles[name];
  say(terminal, `${title} ${shown(value)} on ${data}, at least ${shown(least)} is wanted`);
  if (value !== null && value >= least) return { [name]: value };
  throw new UsageError(
    'bundle/parity',
    `${manifest.name}: ${title} on ${data} is ${shown(value)}, below ${shown(least)}`,
    name === 'macroF1' ? 'train again on newer texts, or accept less with --min-macro-f1.' : 'train again on newer texts.',
  );
}

const shown = (value: number | null): string => (value === null ? 'not defined' : value.toFixed(4));

const examples = `
  $ copydesk verify bundles/headlines/3f1c9a0b52de
  ok headlines@3f1c9a0b52de
  $ copydesk verify bundles/headlines --data examples/headlines.val.jsonl --min-macro-f1 0.9`;
