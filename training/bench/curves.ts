/** @file `npm run bench:curves`: time and memory of a training step against width, depth, length and batch, beside what the machine can do. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machine, machineLine } from '../../models/bench/node.js';
import { askChild } from './ask-child.js';
import { type CurvePoint, pointOf, quickPlan, sizesOf, wholePlan } from './curve.js';
import { curvePlots } from './curve-plots.js';
import type { MeasuredPoint } from './curve-point.js';
import { measureLimits } from './limits.js';
import type { StepSize } from './step-cost.js';

const help = `npm run bench:curves -- [--to FOLDER] [--runs 7] [--quick] [--json]

A step of the default engine: forward, backward, clip, AdamW, moving average; fp32, no dropout. Each point is a process of its own, median of its runs.
--to writes curves.jsonl (the machine and its limits on the first line, then a point a line) and an SVG for each curve. --quick: four small points.`;

const { values: flags } = parseArgs({
  options: {
    to: { type: 'string' },
    runs: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) console.log(help);
else await main();

async function main(): Promise<void> {
  const runs = Number(flags.runs ?? (flags.quick ? 2 : 7));
  console.error(`${machineLine()}; medians of ${runs} steps`);
  const limits = await measureLimits(runs);
  console.error(`the best product: ${limits.gflops.toFixed(0)} GFLOP/s; memory: ${limits.bandwidth.toFixed(1)} GB/s`);
  const points: CurvePoint[] = [];
  for (const at of sizesOf(flags.quick ? quickPlan : wholePlan)) {
    const point = pointOf(at, await measure(at.size, runs), limits);
    points.push(point);
    console.error(sentence(point));
  }
  if (flags.to !== undefined) await write(flags.to, [{ machine: machine(), limits, runs }, ...points], points);
  if (flags.json) console.log(JSON.stringify(points));
}

function sentence({ axis, size, ms, spread, leastMs, gflops, ofLimit, peakMB }: CurvePoint): string {
  const time = `${ms.toFixed(1)} ms (${spread.map((value) => value.toFixed(1)).join(' to ')}), ${leastMs.toFixed(1)} at the least`;
  return `${axis} ${size[axis]}: ${time}; ${gflops.toFixed(0)} GFLOP/s, ${(100 * ofLimit).toFixed(0)} % of the best product; ${peakMB.toFixed(0)} MB`;
}

function measure({ layers, width, batch, tokens }: StepSize, runs: number): Promise<MeasuredPoint> {
  return askChild('curve-point', [`${layers}x${width}`, `${batch}x${tokens}`, String(runs)]);
}

async function write(folder: string, lines: readonly object[], points: readonly CurvePoint[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'curves.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  for (const { name, svg } of curvePlots(points)) await writeFile(join(folder, `${name}.svg`), svg);
}
