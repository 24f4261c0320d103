/** @file A finished model as the teacher of another: what it says of any text and, of a run, what its head reads. */
import { readBundle } from '../../models/bundle/node.js';
import {
  averageReadings,
  inputProblem,
  type Manifest,
  packByLength,
  padBatch,
  readingsOf,
  runModel,
  type Session,
  type TextInput,
  type TextRules,
  tokenTensors,
  UsageError,
} from '../../models/index.js';
import { isRun, readRun } from '../../models/run/node.js';
import { createSession } from '../../models/runtime/node.js';
import { createTokenizer } from '../../models/text/node.js';
import type { Task } from '../data/example.js';
import { taskOf } from '../metrics/activation-of.js';
import type { Column } from './epochs.js';

export type Teacher = {
  /** `teacher_logits` and, where its features are wanted, `teacher_features`. */
  readonly column: Column;
  /** Numbers that its head reads; `undefined` where they are not wanted. */
  readonly width: number | undefined;
  /** What tells this teacher from another in the same folder. */
  readonly fingerprint: string;
  dispose(): Promise<void>;
};

/** What is to be taught. */
export type Student = {
  readonly labels: readonly string[];
  readonly task: Task;
  /** One of the texts, or pairs, that the teacher will be asked. */
  readonly example: TextInput;
};

type Opened = Pick<Teacher, 'fingerprint'> & {
  readonly session: Session;
  readonly labels: readonly string[];
  readonly activation: Manifest['activation'];
  readonly text: TextRules;
  readonly tokenizerJson: string;
};
type Said = { readonly logits: Float32Array; readonly features: Float32Array | undefined };

export type TeacherOptions = {
  /** Whether what its head reads is wanted too: of a run only, a bundle's file gives nothing but logits. */
  readonly features?: boolean;
  /** Of the runtime; default its own choice. */
  readonly threads?: number | undefined;
};

/**
 * @param folder a run or a bundle
 * @param student the teacher must have its labels, in any order, its task, and be asked what it was made for
 * @throws UsageError `config/invalid` where it cannot teach this
 */
export async function openTeacher(folder: string, student: Student, options: TeacherOptions = {}): Promise<Teacher> {
  const { features: wantsFeatures = false } = options;
  const opened = (await isRun(folder)) ? await openRun(folder, options) : await openBundle(folder, options);
  const { session, tokenizerJson, text, fingerprint } = opened;
  const problem = unfit(opened, student);
  if (problem) {
    await session.dispose();
    throw new UsageError('config/invalid', `objective.distillation.teacher: ${folder} ${problem[0]}`, problem[1]);
  }
  const { labels } = student;
  const order = labels.map((label) => opened.labels.indexOf(label));
  const tokenizer = createTokenizer(tokenizerJson);
  const ask = async (inputs: readonly TextInput[]): Promise<readonly Said[]> => {
    const readings = readingsOf(inputs, text.pairs);
    const encodings = await tokenizer.encode(readings.inputs, text.maxTokens);
    const said = new Array<Said>(encodings.length);
    const lengths = encodings.map(({ ids }) => ids.length);
    for (const rows of packByLength(lengths, { tokens: 4096, texts: 64 })) {
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
    const mean = (of: (one: Said) => Float32Array) => averageReadings(said.map(of), readings.of);
    const features = wantsFeatures ? mean((one) => one.features!) : [];
    return mean((one) => one.logits).map((logits, i) => ({ logits, features: features[i] }));
  };
  const width = wantsFeatures ? (await ask([student.example]))[0]!.features!.length : undefined;
  return { column: columnOf(ask, labels.length, width), width, fingerprint, dispose: () => session.dispose() };
}

/** Why it cannot teach this, and the fix. */
function unfit({ labels, activation, text }: Opened, student: Student): readonly [what: string, fix: string] | undefined {
  const same = labels.length === student.labels.length && student.labels.every((label) => labels.includes(label));
  if (!same)
    return [`knows the labels ${labels.join(', ')}; the data have ${student.labels.join(', ')}`, 'give a teacher of the same labels.'];
  if (taskOf(activation) !== student.task)
    return [`is ${taskOf(activation)}, the data are ${student.task}`, 'give a teacher of the same task.'];
  const problem = inputProblem(student.example, text.input);
  return (
    problem && [
      `reads ${text.input === 'pair' ? 'pairs' : 'single texts'}: ${problem.what}`,
      'give a teacher that reads what the data have.',
    ]
  );
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

async function openRun(folder: string, { features = false, threads }: TeacherOptions): Promise<Opened> {
  const { run, tokenizerJson, weights } = await readRun(folder);
  const session = await createSession(runModel(run, await weights(), { features }), threads === undefined ? {} : { threads });
  return { ...run, session, tokenizerJson, fingerprint: run.best.sha256 };
}

async function openBundle(folder: string, { features, threads }: TeacherOptions): Promise<Opened> {
  if (features) {
    throw new UsageError(
      'config/invalid',
      `objective.distillation.features: ${folder} is a bundle, which gives logits only`,
      'give the run that it was exported from, or leave features out.',
    );
  }
  const { manifest, tokenizerJson, modelPath } = await readBundle(folder).catch((error: unknown) => {
    if (!(error instanceof UsageError && error.code === 'bundle/missing')) throw error;
    const fix = 'give the folder of a finished run, or of a bundle (NAME/VERSION).';
    throw new UsageError('config/invalid', `objective.distillation.teacher: ${folder} is neither a run nor a bundle`, fix);
  });
  return {
    ...manifest,
    session: await createSession(modelPath('fp32'), threads === undefined ? {} : { threads }),
    tokenizerJson,
    fingerprint: manifest.version,
  };
}

const rowOf = (data: Float32Array, row: number, rows: number): Float32Array =>
  data.slice((row * data.length) / rows, ((row + 1) * data.length) / rows);
