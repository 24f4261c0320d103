/** @file What a fault is: something is done to a server under load, every request is accounted for, and some things must hold. */
import type { Account } from './clients.js';

export type Held = { readonly what: string; readonly ok: boolean };

export type FaultResult = {
  readonly account: Account;
  /** Besides: that no request was lost. */
  readonly held: readonly Held[];
  /** Figures of this fault alone. */
  readonly notes: readonly string[];
};

export type FaultSetting = {
  /** Options of `copydesk serve` that were given. */
  readonly options: readonly string[];
  /** Requests a second of those who suffer the fault. */
  readonly rate: number;
  readonly seconds: number;
};

export type Fault = {
  readonly summary: string;
  /** Why it cannot be played on this machine, if so. */
  readonly cannot?: () => string | undefined;
  readonly play: (setting: FaultSetting) => Promise<FaultResult>;
};

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** `copydesk_x_total` summed over its labels, or over those lines that have `label`. */
export async function metric(url: string, name: string, label = '', key?: string): Promise<number> {
  const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const text = await (await fetch(`${url}/metrics`, { headers })).text();
  const lines = text.split('\n').filter((line) => line.startsWith(name) && /^[{ ]/.test(line.slice(name.length)) && line.includes(label));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

/** Waits until it holds, at most so long. @returns whether it does */
export async function eventually(holds: () => Promise<boolean>, ms = 10_000): Promise<boolean> {
  for (const until = performance.now() + ms; performance.now() < until; ) {
    if (await holds().catch(() => false)) return true;
    await pause(100);
  }
  return false;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
