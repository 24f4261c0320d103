/** @file Three times what the server can do: it answers as much as ever, in time, refuses the rest at once, and says that it is alive. */
import exec from 'k6/execution';
import { ask } from '../k6/ask.js';
import { probe as probeOnce } from '../k6/probe.js';
import { arrivals, capacity, deadlineOf, demands, duration, summaryTrendStats } from '../k6/settings.js';

export { handleSummary } from '../k6/settings.js';

const seconds = duration('30s');
const factor = Number(__ENV.FACTOR || 3);
const waitMs = deadlineOf(500);
/** Seconds in which the load rises and clients connect; what must hold, must hold from then on. */
const rising = 6;

const { rate, duration: _, ...common } = arrivals(factor * capacity, seconds, { exec: 'overload', waitMs });

export const options = {
  scenarios: {
    overload: {
      ...common,
      executor: 'ramping-arrival-rate',
      startRate: Math.round(5 * capacity),
      stages: [
        { target: rate, duration: `${rising}s` },
        { target: rate, duration: `${seconds}s` },
      ],
    },
    probe: arrivals(10, rising + seconds, { exec: 'probe', waitMs: 1_000 }),
  },
  thresholds: {
    ...demands,
    'answered{phase:held}': [`count>=${Math.floor(0.9 * capacity * seconds)}`],
    'answer_ms{phase:held}': [`p(99)<=${waitMs}`],
    'probe_ms{phase:held}': [`p(99)<${Number(__ENV.PROBE_MS || 20)}`],
  },
  summaryTrendStats,
};

/** By when the request is sent. */
const phase = () => ({ phase: Date.now() - exec.scenario.startTime < 1000 * rising ? 'rising' : 'held' });

export const overload = () => ask({ mix: 'mixed', timeoutMs: waitMs, tags: phase() });
export const probe = () => probeOnce({ tags: phase() });
