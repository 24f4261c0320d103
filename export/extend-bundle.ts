/** @file A bundle to the same bundle with other model files: for a model whose run lies elsewhere. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bundle } from '../models/bundle/node.js';
import { buildClassifier, knownArchitecture, UsageError } from '../models/index.js';
import { createTokenizer } from '../models/text/node.js';
import { type AnswerOptions, answer, type LabelledTexts } from './answer.js';
import { assembleBundle, type BundleOptions, checkPrecision } from './assemble-bundle.js';

export type ExtendOptions = BundleOptions &
  AnswerOptions & {
    readonly bundle: Bundle;
    /** What the files are held to in the place of val. */
    readonly labelled: LabelledTexts;
  };

/**
 * Labels, thresholds, figures, version and the fp32 file stay as they are; of the other files there are those of `precision`.
 *
 * @throws UsageError `bundle/parity` when a file does not answer as fp32 does, `bundle/invalid`, `export/failed`
 */
export async function extendBundle({ bundle, labelled, onAnswered, ...options }: ExtendOptions): Promise<Bundle> {
  checkPrecision(options.precision);
  const { manifest, tokenizerJson, folder } = bundle;
  const { version, parity, passes = {}, format: _format, schemaVersion: _schema, files: _files, ...rest } = manifest;
  const { models: _models, explain: _explain, personalise: _personalise, ...run } = rest;
  const model = await bundle.modelBytes();
  const { parameters } = buildClassifier(knownArchitecture(run.architecture, run.name), { labels: run.labels.length });
  const reading = { tokenizer: createTokenizer(tokenizerJson), ...run.text };
  const { predictions } = await answer(model, reading, labelled, { onAnswered });
  const told = parity.fp32;
  if (!told) throw new UsageError('bundle/invalid', `${folder}: it does not say how its fp32 file compares`, 'export the run again.');
  return assembleBundle(
    {
      run,
      tokenizerJson,
      tokenizerConfig: await readFile(join(folder, 'tokenizer_config.json'), 'utf8'),
      model,
      weights: new Set(parameters.map(({ value }) => value.name)),
      predictions,
      known: { version, parity: told, passes: passes.fp32 ?? [] },
    },
    options,
  );
}
