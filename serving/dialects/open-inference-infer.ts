/** @file `POST /v2/models/{model}/infer`: tensors of texts in, tensors of labels and scores out. */
import { z } from 'zod';
import type { TextInput, Verdict } from '../../models/index.js';
import type { ServedModel } from '../desk/index.js';
import { shown } from '../protocol/index.js';
import type { DialectAnswer, DialectContext, DialectRequest } from './dialect.js';
import { type InputTensor, inputTensorSchema, outputTensorSchema, readTexts, type Tensor, writeTensor } from './open-inference-tensors.js';
import { invalidRequest, parseBody } from './parse-body.js';
import { inOrder, scoresOf, topName } from './scores.js';

const parameters = z
  .looseObject({
    binary_data_output: z.boolean().optional(),
    /** Microseconds in which the answer must be there. */
    timeout: z.number().int().nonnegative().optional(),
  })
  .optional();

export const inferRequestSchema = z.object({
  /** Echoed. */
  id: z.string().optional(),
  parameters,
  inputs: z.array(inputTensorSchema).min(1),
  /** Those to answer with; default: all. */
  outputs: z
    .array(
      z.object({
        name: z.string(),
        parameters: z
          .looseObject({
            binary_data: z.boolean().optional(),
            /** Of `scores`: rather the so many highest, each as `score:index:label`. */
            classification: z.number().int().positive().optional(),
          })
          .optional(),
      }),
    )
    .min(1)
    .optional(),
});

export const inferResponseSchema = z.object({
  model_name: z.string(),
  model_version: z.string(),
  id: z.string().optional(),
  outputs: z.array(outputTensorSchema),
});

type Wanted = NonNullable<z.output<typeof inferRequestSchema>['outputs']>[number];

export async function infer({ body, tail }: DialectRequest, model: ServedModel, { desk }: DialectContext): Promise<DialectAnswer> {
  const request = parseBody(inferRequestSchema, body);
  const wanted = request.outputs ?? outputNames(model).map((name): Wanted => ({ name }));
  const unknown = wanted.find(({ name }) => !outputNames(model).some((known) => known === name));
  if (unknown)
    throw invalidRequest(
      `there is no output ${shown(unknown.name, 'of that name')}`,
      `there are ${outputNames(model).join(', ')}`,
      'outputs',
    );
  const texts = toInputs(request.inputs, readTexts(request.inputs, tail));
  const timeout = request.parameters?.timeout;
  const { verdicts } = await desk.ask({ model, texts, ...(timeout ? { timeoutMs: timeout / 1000 } : {}) });
  const written = wanted.map(({ name, parameters }) => {
    const tensor = toTensor(name, model, verdicts, parameters?.classification);
    return writeTensor(tensor, parameters?.binary_data ?? request.parameters?.binary_data_output ?? false);
  });
  const response: z.output<typeof inferResponseSchema> = {
    model_name: model.manifest.name,
    model_version: model.manifest.version,
    ...(request.id === undefined ? {} : { id: request.id }),
    outputs: written.map(([tensor]) => tensor),
  };
  const binary = written.map(([, bytes]) => bytes);
  if (binary.every(({ length }) => length === 0)) return { body: response };
  const json = Buffer.from(JSON.stringify(response));
  return {
    headers: { 'content-type': 'application/octet-stream', 'inference-header-content-length': String(json.length) },
    body: Buffer.concat([json, ...binary]),
  };
}

export type OutputName = 'label' | 'scores' | 'decision';

/** `label` is absent from a regression, which gives values and no label. */
export function outputNames({ manifest }: ServedModel): readonly OutputName[] {
  return manifest.activation === 'none' ? ['scores', 'decision'] : ['label', 'scores', 'decision'];
}

/** One tensor of texts under any name, as clients name it differently; or `text` and `pair`, of one length. */
function toInputs(inputs: readonly InputTensor[], texts: ReadonlyMap<string, readonly string[]>): readonly TextInput[] {
  if (texts.size < inputs.length) throw invalidRequest('two inputs have one name', 'give each a name of its own', 'inputs');
  const pairs = texts.get('pair');
  const first = pairs && texts.size === 2 ? texts.get('text') : texts.size === 1 ? [...texts.values()][0] : undefined;
  if (!first) throw invalidRequest('the inputs are not what they should be', 'send text, or text and pair', 'inputs');
  if (first.length === 0) throw invalidRequest('there is no text', 'send at least one', 'inputs');
  if (!pairs || texts.size === 1) return first;
  if (pairs.length !== first.length)
    throw invalidRequest(`there are ${first.length} texts and ${pairs.length} pairs`, 'send as many of either', 'inputs');
  return first.map((text, i) => [text, pairs[i]!]);
}

function toTensor(name: string, model: ServedModel, verdicts: readonly Verdict[], top: number | undefined): Tensor {
  const batch = verdicts.length;
  const { labels } = model.manifest;
  if (name === 'decision') return { name, shape: [batch], datatype: 'BYTES', data: verdicts.map(({ decision }) => decision) };
  const rows = verdicts.map((verdict) => scoresOf(verdict));
  if (name === 'label') return { name, shape: [batch], datatype: 'BYTES', data: rows.map(topName) };
  if (top === undefined) {
    const data = rows.flatMap((row) => inOrder(model, row).map(Math.fround));
    return { name, shape: [batch, labels.length], datatype: 'FP32', data, parameters: { labels: JSON.stringify(labels) } };
  }
  const data = rows.flatMap((row) => {
    const ranked = labels.map((label, index) => ({ label, index, score: row[label]! })).sort((a, b) => b.score - a.score);
    return ranked.slice(0, top).map(({ label, index, score }) => `${score.toFixed(6)}:${index}:${label}`);
  });
  return { name, shape: [batch, Math.min(top, labels.length)], datatype: 'BYTES', data };
}
