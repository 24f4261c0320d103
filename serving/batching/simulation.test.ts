/** @file The policy as a whole, in virtual time, against `testing/arrivals.tsv` and against what is made to break it. */
import { expect, test } from 'vitest';
import { inBackground } from './clients.js';
import { type Arrival, type Outcome, type Report, readArrivals, simulate } from './testing/simulate.js';

const arrivals = readArrivals();
const recorded = { seconds: arrivals.at(-1)!.ms / 1_000, texts: arrivals.reduce((sum, { tokens }) => sum + tokens.length, 0) };
/** Texts a second when everything waits from the start and nothing has a deadline. */
const capacity = simulate({ arrivals, speed: 1e6, queueTexts: 1e9 }).goodput;
const load = (factor: number): number => (factor * capacity * recorded.seconds) / recorded.texts;

const are = ({ outcomes }: Report, kind: Outcome['outcome']): readonly Outcome[] => outcomes.filter(({ outcome }) => outcome === kind);
const milliseconds = (outcomes: readonly Outcome[]): readonly number[] =>
  outcomes.map(({ began, ended }) => ended - began).sort((a, b) => a - b);
const at = (sorted: readonly number[], share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;

/** Every request has one end, no text was answered twice, and no answer was given without all of its texts. */
function expectNothingLost(report: Report): void {
  expect(are(report, 'waiting')).toEqual([]);
  for (const { outcome, answers, arrival } of report.outcomes) {
    expect(answers).toBeLessThanOrEqual(arrival.tokens.length);
    if (outcome === 'answered') expect(answers).toBe(arrival.tokens.length);
    if (outcome === 'refused') expect(answers).toBe(0);
  }
}

test('half load: nobody is refused, hardly anybody waits, and padding stays small', () => {
  const report = simulate({ arrivals, speed: load(0.5) });
  expectNothingLost(report);
  expect(are(report, 'answered')).toHaveLength(arrivals.length);
  const singles = are(report, 'answered').filter(({ arrival }) => arrival.tokens.length === 1);
  expect(at(milliseconds(singles), 0.5)).toBeLessThan(25);
  expect(report.padded / report.real).toBeLessThan(1.1);
});

test('near capacity: batches grow, single texts still pass the lists', () => {
  const report = simulate({ arrivals, speed: load(0.9) });
  expectNothingLost(report);
  expect(are(report, 'answered')).toHaveLength(arrivals.length);
  expect(report.outcomes.flatMap(({ arrival }) => arrival.tokens).length / report.batches).toBeGreaterThan(4);
  const [singles, lists] = [1, 32].map((least) =>
    are(report, 'answered').filter(({ arrival: { tokens } }) => (least === 1 ? tokens.length === 1 : tokens.length >= least)),
  );
  expect(at(milliseconds(singles!), 0.5)).toBeLessThan(0.3 * at(milliseconds(lists!), 0.5));
});

test.each([
  [3, 300],
  [3, 1_000],
  [10, 300],
])('overload of %d times with %d ms to answer: goodput stays within a tenth of capacity, answers come in time', (factor, timeoutMs) => {
  const report = simulate({ arrivals, speed: load(factor), timeoutMs });
  expectNothingLost(report);
  expect(report.goodput).toBeGreaterThan(0.9 * capacity);
  expect(at(milliseconds(are(report, 'answered')), 0.99)).toBeLessThanOrEqual(timeoutMs);
  expect(are(report, 'refused').length).toBeGreaterThan(are(report, 'late').length);
});

test('overload: what is shed after it was accepted has cost little', () => {
  const report = simulate({ arrivals, speed: load(3), timeoutMs: 1_000 });
  const wasted = are(report, 'late').reduce((sum, { answers }) => sum + answers, 0);
  const answered = are(report, 'answered').reduce((sum, { answers }) => sum + answers, 0);
  expect(wasted).toBeLessThan(0.12 * answered);
});

test('a single text beside a list of 500 waits for three batches at most, whenever it comes', () => {
  const list: Arrival = { ms: 0, client: 'importer', tokens: Array.from({ length: 500 }, (_, i) => 5 + ((i * 37) % 120)) };
  const singles = Array.from(
    { length: 60 },
    (_, i): Arrival => ({ ms: 1 + 97 * i, client: `reader-${i % 3}`, tokens: [5 + ((i * 53) % 120)] }),
  );
  const report = simulate({ arrivals: [list, ...singles] });
  expectNothingLost(report);
  const besideIt = report.outcomes.slice(1).filter(({ began }) => began < report.outcomes[0]!.ended);
  expect(besideIt.length).toBeGreaterThan(20);
  expect(Math.max(...besideIt.map(({ batches }) => batches))).toBeLessThanOrEqual(3);
});

test('a single text beside a job in the background waits for no batch but those that run already, whenever it comes', () => {
  const job: Arrival = { ms: 0, client: inBackground('archive'), tokens: Array.from({ length: 2_000 }, (_, i) => 5 + ((i * 37) % 120)) };
  const singles = Array.from(
    { length: 200 },
    (_, i): Arrival => ({ ms: 1 + 97 * i, client: `reader-${i % 3}`, tokens: [5 + ((i * 53) % 120)] }),
  );
  const report = simulate({ arrivals: [job, ...singles], queueTexts: 10_000 });
  expectNothingLost(report);
  const besideIt = report.outcomes.slice(1).filter(({ began }) => began < report.outcomes[0]!.ended);
  expect(besideIt.length).toBeGreaterThan(100);
  expect(Math.max(...besideIt.map(({ batches }) => batches))).toBe(1);
  // Nor is any of its own batch: its answer costs what it would cost alone.
  const inTurn = simulate({ arrivals: [{ ...job, client: 'archive' }, ...singles], queueTexts: 10_000 });
  const waited = ({ outcomes }: Report) => at(milliseconds(outcomes.slice(1, 100)), 0.5);
  expect(waited(report)).toBeLessThan(waited(inTurn));
});

test('a job in the background takes hardly longer, and does not use up the queue', () => {
  const tokens = Array.from({ length: 2_000 }, (_, i) => 5 + ((i * 37) % 120));
  const [behind, alone] = [inBackground('archive'), 'archive'].map((client) =>
    simulate({ arrivals: [{ ms: 0, client, tokens }], queueTexts: 10_000 }),
  );
  expect(behind!.ms).toBeLessThan(1.1 * alone!.ms);
  const crowd = [inBackground('a'), 'reader'].map((client, ms): Arrival => ({ ms, client, tokens: Array.from({ length: 300 }, () => 20) }));
  const more: Arrival = { ms: 2, client: inBackground('b'), tokens: [20] };
  const { outcomes } = simulate({ arrivals: [...crowd, more], queueTexts: 1_000 });
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['answered', 'answered', 'refused']);
});

test('nobody starves: a list beside clients that ask more than there is time for still gets its share', () => {
  const list: Arrival = { ms: 0, client: 'importer', tokens: Array.from({ length: 100 }, () => 20) };
  const flood = Array.from({ length: 12_000 }, (_, i): Arrival => ({ ms: 1 + i, client: `reader-${i % 4}`, tokens: [20] }));
  const report = simulate({ arrivals: [list, ...flood] });
  expectNothingLost(report);
  expect(report.outcomes[0]).toMatchObject({ outcome: 'answered' });
  // A fifth of two workers that need about 4.4 ms a text is 90 texts a second.
  expect(report.outcomes[0]!.ended).toBeLessThan(2_500);
});

test('a worker that becomes five times slower: less is taken on, and what is answered is still in time', () => {
  const report = simulate({
    arrivals,
    speed: load(2),
    timeoutMs: 500,
    batchMs: (padded, now) => (2.1 + 0.21 * padded) * (now < 3_000 ? 1 : 5),
  });
  expectNothingLost(report);
  const afterwards = are(report, 'answered').filter(({ began }) => began > 3_500);
  expect(afterwards.length).toBeGreaterThan(50);
  expect(at(milliseconds(afterwards), 0.99)).toBeLessThanOrEqual(500);
});

test('a hiccup of ten seconds does not keep the server shut', () => {
  let hiccups = 0;
  const report = simulate({
    arrivals,
    speed: load(0.8),
    timeoutMs: 500,
    workers: 1,
    batchMs: (padded, now) => {
      if (now > 5_000 && hiccups === 0) return 10_000 * ++hiccups;
      return 1 + 0.1 * padded;
    },
  });
  expectNothingLost(report);
  const afterwards = report.outcomes.filter(({ began }) => began > 17_000);
  expect(afterwards.length).toBeGreaterThan(200);
  expect(afterwards.filter(({ outcome }) => outcome === 'answered').length).toBeGreaterThan(0.8 * afterwards.length);
});
