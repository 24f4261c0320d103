/** @file `npm run loadtest -- NAME [options of copydesk serve]`: starts a server, loads it, stops it, and ends by what must hold. */
import { k6, k6Version } from './k6.js';
import { type Outcome, playScenario } from './play-scenario.js';
import { number } from './report/render-load-report.js';
import { type ScenarioName, scenarioNames, scenarios } from './scenarios.js';

const [name = '--help', ...options] = process.argv.slice(2);

if (['--help', '-h', 'help'].includes(name)) console.log(help());
else if (name === '--list') console.log(list());
else process.exitCode = await play().catch((error: unknown) => fail(error instanceof Error ? error.message : String(error)));

async function play(): Promise<number> {
  if (options.includes('--help')) {
    console.log(help());
    return 0;
  }
  const known = scenarioNames.find((one) => one === name);
  if (name !== 'faults' && !known)
    return fail(`there is nothing of the name ${name}. Fix: give one of ${[...scenarioNames, 'faults'].join(', ')}.`);
  if (process.env.BASE_URL === undefined) await import('../scripts/ensure-built.mjs' as string);
  if (known) return playKnown(known);
  const { playFaults } = await import('./faults/play-faults.js');
  return playFaults(options);
}

async function playKnown(scenario: ScenarioName): Promise<number> {
  if (k6Version() === undefined)
    return fail(`${k6} does not run. Fix: install k6 (loadtest/README.md says how), or say where it is with K6=/path/to/k6.`);
  const settings = ['CAPACITY', 'DURATION', 'FACTOR', 'DEADLINE_MS', 'P99_MS', 'BASE_URL'].flatMap((key) => (process.env[key] === undefined ? [] : [`${key}=${process.env[key]}`])); // biome-ignore format: one list
  const outcome = await playScenario(scenario, options, [...settings, 'npm run loadtest --', scenario, ...options].join(' '));
  console.log(told(outcome));
  return outcome.code;
}

function told({ record, folder }: Outcome): string {
  const { totals, capacity, thresholds, latency, memory, notes } = record;
  const broken = thresholds
    .filter(({ ok }) => !ok)
    .map(({ metric, rule, value }) => `  did not hold: ${metric} ${rule}, was ${value === null ? 'nothing' : number(value)}`);
  return [
    `${record.name}: ${totals.dropped > 0 ? 'does not count, k6 could not keep up' : record.passed ? 'everything held' : 'failed'}`,
    `  asked ${totals.asked}, answered ${totals.answered}, refused ${totals.refused429} (429) + ${totals.refused503} (503), failed ${totals.failed}, not sent ${totals.dropped}`,
    ...(capacity ? [`  capacity ${capacity.before}/s${capacity.after === null ? '' : `, ${capacity.after}/s afterwards`}; answered ${number(totals.answered / record.seconds)}/s`] : []), // biome-ignore format: short
    ...(latency ? [`  p50 ${number(latency.p50)} ms, p95 ${number(latency.p95)} ms, p99 ${number(latency.p99)} ms, longest ${number(latency.max)} ms`] : []), // biome-ignore format: short
    ...memory.map(
      ({ what, perHour }) => `  ${what}: ${number(perHour.slope)} MB/h (95 %: ${number(perHour.low)} to ${number(perHour.high)})`,
    ),
    ...broken,
    ...notes.map((note) => `  ${note}`),
    `  ${folder}/report.html`,
  ].join('\n');
}

function list(): string {
  const width = Math.max(...scenarioNames.map(({ length }) => length));
  return [
    ...scenarioNames.map((one) => `${one.padEnd(width)}  ${scenarios[one].summary}`),
    `${'faults'.padEnd(width)}  a worker killed, a full disk, slow clients, SIGTERM under load and others, with figures (needs no k6)`,
  ].join('\n');
}

function help(): string {
  return `npm run loadtest -- NAME [options of copydesk serve]

Starts a server, loads it, stops it, and ends with a code other than 0 if a threshold did not hold. What is kept: loadtest/results/NAME-DATE/report.html.

${list()}

Rates are shares of the capacity, which is measured first with 32 clients that ask again at once. From the environment:
  K6=/path/to/k6         where k6 is, if not on PATH
  DURATION=60s           instead of the scenario's own
  CAPACITY=400           requests a second, instead of measuring
  P99_MS, DEADLINE_MS    other bounds in milliseconds; FACTOR=3 of overload; RELOADS=100 of reloads
  BASE_URL=https://…     a server that runs already; KEY=cd_… its key

  npm run loadtest -- smoke
  npm run loadtest -- overload --models bundles --workers 2
  DURATION=60s npm run loadtest -- soak
  BASE_URL=https://desk.example KEY=cd_… npm run loadtest -- average`;
}

function fail(message: string): number {
  console.error(`loadtest: ${message}`);
  return 2;
}
