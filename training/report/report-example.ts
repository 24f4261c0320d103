/** @file Made-up runs, one of each task, for the tests of this folder. */
import type { Task } from '../data/example.js';
import { createRandom, type Random } from '../data/random.js';
import { fitRules } from '../metrics/fit-rules.js';
import { comparedFigures } from '../metrics/metric-names.js';
import { computeMetrics } from '../metrics/metrics.js';
import type { ReportInput } from './report-input.js';

type Answers = {
  readonly labels: readonly string[];
  readonly hold: readonly string[];
  readonly targets: readonly (readonly number[])[];
  /** @param strength how much better than chance the model is */
  readonly logits: (strength: number) => readonly (readonly number[])[];
};

const count = 400;
const noise = (random: Random): number => (random.next() + random.next() + random.next() - 1.5) * 7;

const answersOf: { readonly [T in Task]: (random: Random) => Answers } = {
  'single-label': (random) => {
    const truth = Array.from({ length: count }, (_, i) => i % 2);
    return {
      labels: ['clickbait', 'news'],
      hold: ['clickbait'],
      targets: truth.map((label) => [1 - label, label]),
      logits: (strength) => truth.map((label) => [0, (label === 1 ? 1 : -1) * strength + noise(random)]),
    };
  },
  'multi-label': (random) => {
    const targets = Array.from({ length: count }, (_, i) => [i % 2, i % 3 === 0 ? 1 : 0, i % 11 === 0 ? 1 : 0]);
    return {
      labels: ['politics', 'sport', 'obituary'],
      hold: ['obituary'],
      targets,
      logits: (strength) => targets.map((row) => row.map((value) => (value === 1 ? 1 : -1) * strength + noise(random) - 1)),
    };
  },
  regression: (random) => {
    const targets = Array.from({ length: count }, () => [Math.round(10 * random.next()) / 2]);
    return {
      labels: ['outrage'],
      hold: [],
      targets,
      logits: (strength) => targets.map(([value]) => [(value! * strength) / 6 + 0.3 * noise(random)]),
    };
  },
};

/** @param steps updates in the log */
export function exampleReport(steps = 600, task: Task = 'single-label'): ReportInput {
  const random = createRandom(4);
  const { labels, hold, targets, logits } = answersOf[task](random);
  const measured = (strength: number) => computeMetrics({ task, labels, temperature: 1, logits: logits(strength), targets });
  const final = logits(6);
  return {
    title: 'headlines',
    created: '2026-01-15 12:00 UTC',
    task,
    labels,
    ...fitRules({ task, labels, hold, logits: final, targets }),
    holdReason: hold.length > 0 ? `Texts are held back for ${hold.join(', ')}, as the config says.` : 'No text is held back.',
    steps: Array.from({ length: steps }, (_, i) => {
      const parts = {
        answer: 0.05 + 0.65 * Math.exp((-5 * i) / steps) * (0.7 + 0.6 * random.next()),
        contrast: 0.1 + 0.1 * Math.exp((-2 * i) / steps) * (0.7 + 0.6 * random.next()),
      };
      return {
        step: i + 1,
        epoch: (3 * (i + 1)) / steps,
        loss: parts.answer + parts.contrast,
        parts,
        learningRate: 5e-5 * Math.min((i + 1) / (steps / 10), (steps - i) / (0.9 * steps)),
        gradientNorm: (0.5 + 3 * Math.exp((-3 * i) / steps)) * (0.5 + random.next()),
        examplesPerSecond: 200 + 20 * random.next(),
      };
    }),
    evaluations: [0.3, 1.5, 3, 4.5, 5.5, 6].map((strength, i) => ({
      step: Math.round(((i + 1) * steps) / 6),
      metrics: measured(strength),
    })),
    bestStep: steps,
    ended: 'All epochs were done.',
    val: {
      texts: targets.map((_, i) => ({ text: `${i % 2 === 0 ? 'You will <b>not</b> guess' : 'Council votes on'} number ${i}` })),
      targets,
      logits: final,
    },
    baselines: {
      constant: { says: `“${labels.at(-1)}”`, figures: Object.fromEntries(comparedFigures[task].map((name) => [name, 1 / 3])) },
      tfIdf: { trainedOn: 3200, figures: Object.fromEntries(comparedFigures[task].map((name) => [name, 0.7])) },
    },
    data: {
      splits: {
        train: { examples: 3200, byLabel: Object.fromEntries(labels.map((label) => [label, 1600])), truncated: 12 },
        val: { examples: count, byLabel: Object.fromEntries(labels.map((label) => [label, 200])), truncated: 0 },
      },
      warnings: [
        {
          kind: 'duplicates-across-splits',
          count: 2,
          message: '2 examples of val (of 400) are also in train: figures on val flatter the model.',
          texts: ['<script>alert(1)</script>'],
        },
      ],
      fingerprint: { train: 'a'.repeat(64), val: 'b'.repeat(64) },
    },
    config: { data: { train: 'train.jsonl' }, model: { kind: 'bert', layers: 2 }, seed: 1 },
  };
}
