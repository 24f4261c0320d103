/** @file Every fault in turn, one table, and what is kept of it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeMachine } from '../machine.js';
import { resultFolder } from '../run-record.js';
import { clientsLeave, slowClients, tenfold } from './client-faults.js';
import type { Fault, FaultResult } from './fault.js';
import { corruptBundle, reloadUnderLoad } from './model-faults.js';
import { clockJumps, diskFull, sigterm, workerKilled } from './process-faults.js';
import { storeGone } from './store-faults.js';

export const faults = {
  'worker-killed': workerKilled,
  'corrupt-bundle': corruptBundle,
  tenfold,
  'slow-clients': slowClients,
  'clients-leave': clientsLeave,
  'reload-under-load': reloadUnderLoad,
  sigterm,
  'clock-jumps': clockJumps,
  'disk-full': diskFull,
  'store-gone': storeGone,
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof faults;
export const faultNames = Object.keys(faults) as readonly FaultName[];

/** @param options options of `copydesk serve`; FAULTS names some of the faults, separated by commas  @returns an exit code */
export async function playFaults(options: readonly string[]): Promise<number> {
  const setting = { options, rate: Number(process.env.RATE ?? 40), seconds: Number.parseFloat(process.env.DURATION ?? '10') };
  const wanted = process.env.FAULTS?.split(',');
  const stranger = wanted?.find((name) => !faultNames.includes(name as FaultName));
  if (stranger !== undefined) {
    console.error(`loadtest: there is no fault ${stranger}. Fix: give some of ${faultNames.join(', ')}.`);
    return 2;
  }
  const machine = describeMachine(undefined);
  const date = new Date();
  const rows: object[] = [];
  const folder = await resultFolder('faults', date);
  let code = 0;
  console.log(line(['fault', 'sent', 'answered', '429', '503', 'away', 'gave up', 'lost', 'held']));
  for (const name of wanted ? faultNames.filter((one) => wanted.includes(one)) : faultNames) {
    const fault: Fault = faults[name];
    const hindrance = fault.cannot?.();
    if (hindrance !== undefined) {
      console.log(`${name.padEnd(18)} skipped: ${hindrance}`);
      rows.push({ name, skipped: hindrance });
      continue;
    }
    const result = await fault.play(setting).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
    if (result instanceof Error) {
      console.log(`${name.padEnd(18)} could not be played: ${result.message}`);
      rows.push({ name, error: result.message });
      code = 1;
      continue;
    }
    if (!tell(name, result)) code = 1;
    const { latencies: _, reasons, versions, kept, ...figures } = result.account;
    rows.push({
      name,
      summary: fault.summary,
      ...figures,
      kept: kept.size,
      reasons: [...reasons],
      versions: [...versions],
      held: result.held,
      notes: result.notes,
    });
  }
  const record = { date: date.toISOString(), machine, setting, faults: rows };
  await writeFile(join(folder, 'faults.json'), `${JSON.stringify(record, null, 1)}\n`);
  console.log(`away: the server no longer took connections. ${join(folder, 'faults.json')}`);
  return code;
}

/** @returns whether all held, and nothing was lost */
function tell(name: string, { account, held, notes }: FaultResult): boolean {
  const { sent, answered, refused429, refused503, turnedAway, gaveUp, lost, reasons } = account;
  const broken = held.filter(({ ok }) => !ok).map(({ what }) => what);
  const open = sent - answered - refused429 - refused503 - turnedAway - gaveUp - lost;
  if (open !== 0) broken.push(`every request is accounted for (${open} are not)`);
  const ok = lost === 0 && broken.length === 0;
  console.log(
    line([name, ...[sent, answered, refused429, refused503, turnedAway, gaveUp, lost].map(String), ok ? 'yes' : 'NO', notes.join('; ')]),
  );
  for (const what of broken) console.log(`${''.padEnd(18)} did not hold: ${what}`);
  if (reasons.size > 0) console.log(`${''.padEnd(18)} lost by: ${[...reasons].join(', ')}`);
  return ok;
}

const widths = [18, 7, 9, 7, 7, 7, 8, 6, 5];
const line = (cells: readonly string[]): string =>
  cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[0]!) : i < widths.length ? cell.padStart(widths[i]!) : `  ${cell}`)).join('');
