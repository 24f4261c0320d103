/** @file A finished model as the teacher of another: what it says of any text and, of a run, what its head reads. */
import { readBundle } from '../../models/bundle/node.js';
import { packByLength, padBatch, runModel, type Session, type TextInput, tokenTensors, UsageError } from '../../models/index.js';
import { isRun, readRun } from '../../models/run/node.js';
import { createSession } from '../../models/runtime/node.js';
import { createTokenizer } from '../../models/text/node.js';
import type { Column } from './epochs.js';

export type Teacher = {
  /** `teacher_logits` and, where its features are wanted, `teacher_features`. */
  readonly column: Column;
  /** Numbers that its head reads; `undefined` where they are not wanted. */
  readonly width: number | undefined;
  dispose(): Promise<void>;
};

type Opened = { readonly session: Session; readonly labels: readonly string[]; readonly tokenizerJson: string; readonly maxTokens: number };
type Said = { readonly logits: Float32Array; readonly features: Float32Array | undefined };

/**
 * @param folder a run or a bundle
 * @param labels of the student; the teacher must have the same, in any order
 * @param wantsFeatures of a run only: a bundle's file gives nothing but logits
 * @throws UsageError `config/invalid` where it cannot teach this
 */
export async function openTeacher(folder: string, labels: readonly string[], wantsFeatures: boolean): Promise<Teacher> {
  const opened = (await isRun(folder)) ? await openRun(folder, wantsFeatures) : await openBundle(folder, wantsFeatures);
  const { session, tokenizerJson, maxTokens } = opened;
  const order = labels.map((label) => opened.labels.indexOf(label));
  if (order.includes(-1) || order.length !== opened.labels.length) {
    await session.dispose();
    throw new UsageError(
      'config/invalid',
      `objective.distillation.teacher: ${folder} knows the labels ${opened.labels.join(', ')}; the data have ${labels.join(', ')}`,
      'give a teacher of the same labels.',
    );
  }
  const tokenizer = createTokenizer(tokenizerJson);
  const ask = async (inputs: readonly TextInput[]): Promise<readonly Said[]> => {
    const encodings = await tokenizer.encode(inputs, maxTokens);
    const said = new Array<Said>(inputs.length);
    const lengths = encodings.map(({ ids }) => ids.length);
    for (const rows of packByLength(lengths, 4096, 64)) {
      const feeds = tokenTensors(
        padBatch(
          rows.map((row) => encodings[row]!),
          tokenizer.padId,
        ),
      );
      const { logits, features } = await session.run(Object.fromEntries(session.inputNames.map((name) => [name, feeds[name]!])));
      rows.forEach((row, i) => {
        const own = rowOf(logits!.data as Float32Array, i, rows.length);
        said[row] = {
          logits: Float32Array.from(order, (of) => own[of]!),
          features: features && rowOf(features.data as Float32Array, i, rows.length),
        };
      });
    }
    return said;
  };
  const width = wantsFeatures ? (await ask(['']))[0]!.features!.length : undefined;
  return { column: columnOf(ask, labels.length, width), width, dispose: () => session.dispose() };
}

function columnOf(ask: (inputs: readonly TextInput[]) => Promise<readonly Said[]>, labels: number, width: number | undefined): Column {
  return async (examples) => {
    const said = await ask(examples.map(({ text, pair }): TextInput => (pair === undefined ? text : [text, pair])));
    const join = (rows: readonly number[], length: number, of: (said: Said) => Float32Array) => {
      const data = new Float32Array(rows.length * length);
      rows.forEach((row, i) => {
        data.set(of(said[row]!), i * length);
      });
      return { type: 'float32', dims: [rows.length, length], data } as const;
    };
    return (rows) => ({
      teacher_logits: join(rows, labels, ({ logits }) => logits),
      ...(width === undefined ? {} : { teacher_features: join(rows, width, ({ features }) => features!) }),
    });
  };
}

async function openRun(folder: string, features: boolean): Promise<Opened> {
  const { run, tokenizerJson, weights } = await readRun(folder);
  const session = await createSession(runModel(run, await weights(), { features }));
  return { session, labels: run.labels, tokenizerJson, maxTokens: run.text.maxTokens };
}

async function openBundle(folder: string, features: boolean): Promise<Opened> {
  if (features) {
    throw new UsageError(
      'config/invalid',
      `objective.distillation.features: ${folder} is a bundle, which gives logits only`,
      'give the run that it was exported from, or leave features out.',
    );
  }
  const { manifest, tokenizerJson, modelPath } = await readBundle(folder);
  return { session: await createSession(modelPath('fp32')), labels: manifest.labels, tokenizerJson, maxTokens: manifest.text.maxTokens };
}

const rowOf = (data: Float32Array, row: number, rows: number): Float32Array =>
  data.slice((row * data.length) / rows, ((row + 1) * data.length) / rows);
