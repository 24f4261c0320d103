/** @file What a scenario is told from outside, and rates that mean the same on every machine: shares of the measured capacity. */

export const baseUrl = __ENV.BASE_URL || 'http://127.0.0.1:8000';
const key = __ENV.KEY;
export const headers = { 'content-type': 'application/json', ...(key ? { authorization: `Bearer ${key}` } : {}) };

/** Requests of the scenario's own mix that the server answered in a second, each client asking again at once. */
export const capacity = Number(__ENV.CAPACITY || 100);
export const duration = (otherwise) => inSeconds(__ENV.DURATION || otherwise);
/** Milliseconds. */
export const p99Of = (otherwise) => Number(__ENV.P99_MS || otherwise);
export const deadlineOf = (otherwise) => Number(__ENV.DEADLINE_MS || otherwise);

/** `90`, `90s`, `1m30s`, `2h` → seconds. */
function inSeconds(text) {
  const parts = [...String(text).matchAll(/(\d+(?:\.\d+)?)(h|m|s|$)/g)];
  if (parts.length === 0) throw new Error(`DURATION: ${text} is no time. Fix: write it as 90s or 20m.`);
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * ({ h: 3600, m: 60 }[unit] ?? 1), 0);
}

/**
 * Requests that arrive at `perSecond`, whether or not earlier ones have been answered.
 *
 * @param waitMs the longest that an answer is expected to take: so many requests must be able to be under way
 */
export function arrivals(perSecond, seconds, { exec, waitMs = 1000, startTime = 0, tags = {} }) {
  return {
    executor: 'constant-arrival-rate',
    ...inTenSeconds(perSecond),
    duration: `${seconds}s`,
    startTime: `${startTime}s`,
    preAllocatedVUs: clientsFor(perSecond, waitMs),
    gracefulStop: '35s',
    exec,
    tags,
  };
}

/** Arrival rates are whole numbers: a slow server has fewer than ten in ten seconds, but not fewer than one. */
const inTenSeconds = (perSecond) => ({ rate: Math.max(1, Math.round(perSecond * 10)), timeUnit: '10s' });

/** Each client keeps a connection, and a server takes 2,048 unless told otherwise: the clients of all scenarios of a run must stay below. */
const mostClients = 1_400;

/** Twice of what is under way if the server answers as fast as it can, and half a second of the rest. */
export function clientsFor(perSecond, waitMs) {
  const answered = Math.min(perSecond, 1.2 * capacity);
  return Math.min(mostClients, Math.ceil(20 + 2 * answered * (waitMs / 1000) + 0.5 * perSecond));
}

/** What every scenario demands. `dropped_iterations`: k6 itself kept up; without that no other figure means anything. */
export const demands = {
  dropped_iterations: ['count==0'],
  failed: ['count==0'],
  checks: ['rate==1'],
};

export const nothingRefused = { refused_429: ['count==0'], refused_503: ['count==0'] };

/** With what the report wants to know. */
export const summaryTrendStats = ['count', 'min', 'avg', 'med', 'p(90)', 'p(95)', 'p(99)', 'max'];

/** The k6 summary as a file, for the report; on the screen the runner says what it came to. */
export function handleSummary(data) {
  return __ENV.SUMMARY ? { [__ENV.SUMMARY]: JSON.stringify(data, null, 1) } : { stdout: `${JSON.stringify(data.metrics, null, 1)}\n` };
}
