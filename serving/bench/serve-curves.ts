/** @file `npm run bench:serve-curves`: texts a second and p99 against clients, length of texts and size of model, beside raw ONNX Runtime. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Machine, machine, machineLine } from '../../models/bench/node.js';
import { UsageError } from '../../models/index.js';
import { startLoad } from './children.js';
import { measureCurve } from './measure-curve.js';
import { axes, pointsOf, quickPlan, type ServePoint, wholePlan } from './serve-curve.js';
import { servePlots } from './serve-plots.js';
import { makeSubject } from './subject.js';

const file = 'serve-curves.jsonl';
const help = `npm run bench:serve-curves -- [--to FOLDER] [--axis clients,tokens,size] [--runs 3] [--seconds 1.5] [--quick] [--json]

Models have random weights, exported in fp32 and int8; texts of a point are all of one length. Each point is the median of its runs.
--to writes serve-curves.jsonl (the machine on the first line, then a point a line) and two SVGs for each axis; points of axes that are
not measured stay as they are in the file. --quick: a few small points.`;

const { values: flags } = parseArgs({
  options: {
    to: { type: 'string' },
    axis: { type: 'string', default: axes.join(',') },
    runs: { type: 'string' },
    seconds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) console.log(help);
else await main();

async function main(): Promise<void> {
  const runs = Number(flags.runs ?? (flags.quick ? 1 : 3));
  const seconds = Number(flags.seconds ?? (flags.quick ? 0.2 : 1.5));
  const chosen = axesOf(flags.axis);
  const kept = flags.to === undefined || chosen.length === axes.length ? [] : await pointsIn(join(flags.to, file));
  console.error(`${machineLine()}; medians of ${runs} runs of ${seconds} s`);
  const planned = pointsOf(flags.quick ? quickPlan : wholePlan, chosen);
  const load = startLoad();
  const measured: ServePoint[] = [];
  try {
    for (const size of new Set(planned.map((point) => point.size))) {
      const subject = await makeSubject(size);
      const own = planned.filter((point) => point.size === size);
      const points = await measureCurve(subject, own, { runs, seconds, load, quick: flags.quick }).finally(subject.cleanUp);
      for (const point of points) console.error(sentence(point));
      measured.push(...points);
    }
  } finally {
    load.stop();
  }
  const points = axes.flatMap((axis) => (chosen.includes(axis) ? measured : kept).filter((point) => point.axis === axis));
  if (flags.to !== undefined) await write(flags.to, [{ machine: machine(), runs, seconds }, ...points], points);
  if (flags.json) console.log(JSON.stringify(measured));
}

function sentence({ axis, precision, raw, ...point }: ServePoint): string {
  const rate = `${point.textsPerSecond.toFixed(0)} texts/s (${point.spread.map((value) => value.toFixed(0)).join(' to ')})`;
  const tail = `p50 ${point.p50Ms.toFixed(1)}, p99 ${point.p99Ms.toFixed(1)} ms; raw ${raw.textsPerSecond.toFixed(0)} (${raw.way})`;
  return `${axis} ${point[axis]}, ${precision}: ${rate}, ${tail}`;
}

function axesOf(list: string): readonly ServePoint['axis'][] {
  return list.split(',').map((name) => {
    const found = axes.find((one) => one === name);
    if (found) return found;
    throw new UsageError('usage/argument', `--axis: there is no ${JSON.stringify(name)}`, `name some of ${axes.join(', ')}.`);
  });
}

/** What an earlier run wrote. @throws UsageError where that was on another machine: its points say nothing beside these */
async function pointsIn(path: string): Promise<readonly ServePoint[]> {
  const [first, ...points] = (await readFile(path, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
  if (first === undefined) return [];
  const { machine: there } = JSON.parse(first) as { machine: Machine };
  if (machineLine(there) !== machineLine())
    throw new UsageError('usage/argument', `--axis: ${path} has curves of another machine`, 'measure all of them, or name another folder.');
  return points.map((line) => JSON.parse(line) as ServePoint);
}

async function write(folder: string, lines: readonly object[], points: readonly ServePoint[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, file), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  for (const { name, svg } of servePlots(points)) await writeFile(join(folder, `${name}.svg`), svg);
}
