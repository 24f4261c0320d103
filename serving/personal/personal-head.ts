/** @file A model's head that learns from the person before it, where that person is. Safe in a browser. */
import {
  activate,
  anyReading,
  averageReadings,
  type Logits,
  type Manifest,
  type Session,
  type TextInput,
  type Tokenizer,
  UsageError,
} from '../../models/index.js';
import { answersOf } from './answers.js';
import { type Correction, inputOf, lastOfEach, targetOf } from './correction.js';
import { type LearnOptions, type Learnt, learn } from './learn.js';
import { createFeatureReader } from './read-features.js';
import { fromStateBytes, toStateBytes } from './state-file.js';
import { stepRunner } from './step-runner.js';

export type PersonalParts = {
  /** Of the bundle's `personalise.features` and `personalise.step`. */
  readonly features: Session;
  readonly step: Session;
  readonly tokenizer: Tokenizer;
  readonly manifest: PersonalManifest;
};
export type PersonalManifest = Pick<
  Manifest,
  'name' | 'version' | 'labels' | 'activation' | 'temperature' | 'thresholds' | 'text' | 'files' | 'personalise'
>;

export type PersonalHead = {
  /** How many corrections it has learnt; 0: it answers as exported. */
  readonly corrections: number;
  /** By the head as it is now; `toVerdict` makes verdicts of them. */
  logits(inputs: readonly TextInput[]): Promise<Logits>;
  /**
   * Learns all corrections, from the exported head on: what it knows is a function of these alone, and one that is taken back is left out the
   * next time. Until it is done, and where it fails, the head stays as it was.
   *
   * @throws UsageError `data/invalid` for a correction that the model cannot answer; the reason of `signal`
   */
  learn(corrections: readonly Correction[], options?: TeachOptions): Promise<Learnt>;
  /** As exported again. */
  forget(): void;
  toBytes(): Uint8Array;
  /** @throws UsageError `weights/invalid`: the head stays as it was */
  fromBytes(bytes: Uint8Array): void;
};

export type TeachOptions = LearnOptions & {
  /** Texts that the person has seen and agreed to: their answers are to stay. */
  readonly keep?: readonly TextInput[];
};

/** @throws UsageError `bundle/missing` for a bundle without these graphs */
export function createPersonalHead({ features, step, tokenizer, manifest }: PersonalParts): PersonalHead {
  const { name, version, labels, text, personalise } = manifest;
  if (!personalise)
    throw new UsageError(
      'bundle/missing',
      `${name}@${version}: its head cannot be taught: the bundle has no personalise graphs`,
      'export it again with this version of copydesk.',
    );
  const { parameters } = personalise;
  const untaught = new Float32Array(parameters);
  const reader = createFeatureReader({ session: features, tokenizer, text });
  let taught = { change: untaught, corrections: 0 };

  const answer = (rows: readonly Float32Array[], change: Float32Array) => {
    const state = new Float32Array(3 * parameters);
    state.set(change);
    const nothing = { targets: rows.map(() => labels.map(() => 0)), weights: rows.map(() => 0) };
    return stepRunner(step, { features: rows, ...nothing })(state, { step: 1, learningRate: 0, anchor: 0 });
  };

  return {
    get corrections() {
      return taught.corrections;
    },
    async logits(inputs) {
      if (inputs.length === 0) return { logits: [], truncated: [] };
      const { features: rows, of, truncated } = await reader.read(inputs);
      const { logits } = await answer(rows, taught.change);
      return { logits: averageReadings(logits, of), truncated: anyReading(truncated, of) };
    },
    async learn(given, { keep = [], ...options } = {}) {
      const corrections = lastOfEach(given);
      const targets = corrections.map((correction) => targetOf(correction, given.indexOf(correction), manifest));
      if (corrections.length === 0)
        throw new UsageError('data/invalid', 'personal head: there are no corrections', 'give one, or forget().');
      const corrected = corrections.map(inputOf);
      const known = new Set(corrected.map((input) => JSON.stringify(input)));
      const others = keep.filter((input) => !known.has(JSON.stringify(input)));
      const read = await reader.readAndKeep([...corrected, ...others]);
      const own = read.of.filter((i) => i < corrected.length);
      const exported = await answer(read.features, untaught);
      const answers = answersOf(manifest, exported.ordinary);
      const stay = exported.logits
        .slice(own.length)
        .map((logits) => ({ logits, scores: activate(manifest.activation, manifest.temperature, logits) }));
      const lesson = { features: read.features, of: own, targets, stay, answers, ordinary: exported.ordinary, parameters };
      const { change, learnt } = await learn(step, lesson, options);
      taught = { change: change as Float32Array<ArrayBuffer>, corrections: corrections.length };
      return { ...learnt, missed: learnt.missed.map((i) => given.indexOf(corrections[i]!)) };
    },
    forget() {
      taught = { change: untaught, corrections: 0 };
    },
    toBytes: () => toStateBytes(taught, manifest),
    fromBytes(bytes) {
      taught = fromStateBytes(bytes, manifest) as typeof taught;
    },
  };
}
