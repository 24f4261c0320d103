/** @file A made-up run, for the tests of this folder. */
import { createRandom } from '../data/random.js';
import { computeMetrics } from '../metrics/metrics.js';
import type { ReportInput } from './report-input.js';

/** @param steps updates in the log */
export function exampleReport(steps = 600): ReportInput {
  const random = createRandom(4);
  const labels = ['clickbait', 'news'];
  const truth = Array.from({ length: 400 }, (_, i) => i % 2);
  const margin = (label: number, strength: number) =>
    (label === 1 ? 1 : -1) * strength + (random.next() + random.next() + random.next() - 1.5) * 7;
  const logitsAt = (strength: number) => truth.map((label) => [0, margin(label, strength)]);
  const measured = (strength: number) =>
    computeMetrics({ labels, activation: 'softmax', temperature: 1, logits: logitsAt(strength), truth });
  return {
    title: 'headlines',
    created: '2026-01-15 12:00 UTC',
    labels,
    activation: 'softmax',
    temperature: 1.42,
    policy: { labels: { clickbait: { review: 0.48, block: 0.97 } } },
    holdReason: 'Texts are held back for "clickbait": "news" is taken to mean, by its name, that nothing is wrong.',
    steps: Array.from({ length: steps }, (_, i) => ({
      step: i + 1,
      epoch: (3 * (i + 1)) / steps,
      loss: 0.05 + 0.65 * Math.exp((-5 * i) / steps) * (0.7 + 0.6 * random.next()),
      learningRate: 5e-5 * Math.min((i + 1) / (steps / 10), (steps - i) / (0.9 * steps)),
      gradientNorm: (0.5 + 3 * Math.exp((-3 * i) / steps)) * (0.5 + random.next()),
      examplesPerSecond: 200 + 20 * random.next(),
    })),
    evaluations: [0.3, 1.5, 3, 4.5, 5.5, 6].map((strength, i) => ({
      step: Math.round(((i + 1) * steps) / 6),
      metrics: measured(strength),
    })),
    bestStep: steps,
    ended: 'All epochs were done.',
    val: {
      texts: truth.map((label, i) => ({ text: `${label === 0 ? 'You will <b>not</b> guess' : 'Council votes on'} number ${i}` })),
      truth,
      logits: logitsAt(6),
    },
    baselines: { majority: { label: 'news', macroF1: 1 / 3, accuracy: 0.5 }, tfIdf: { macroF1: 0.91, accuracy: 0.912, trainedOn: 3200 } },
    data: {
      splits: {
        train: { examples: 3200, byLabel: { clickbait: 1600, news: 1600 }, truncated: 12 },
        val: { examples: 400, byLabel: { clickbait: 200, news: 200 }, truncated: 0 },
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
