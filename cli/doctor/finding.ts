/** @file One thing that the doctor says, and the words that several of them share. */
import type { MachineFacts, ProviderProbe } from './machine-facts.js';

export type Finding = {
  readonly topic: keyof MachineFacts;
  /** `ok`: as it should be. `hint`: works, and could be better. `absent`: something optional that is not here. `wrong`: needed, and missing. */
  readonly state: 'ok' | 'hint' | 'absent' | 'wrong';
  readonly text: string;
  /** What to do; where nothing is needed, how to get it all the same. */
  readonly fix?: string;
};

export type Judge<K extends keyof MachineFacts> = (facts: MachineFacts[K], all: Partial<MachineFacts>) => readonly Omit<Finding, 'topic'>[];

export const gib = (bytes: number): string => `${round(bytes / 2 ** 30)} GiB`;
export const round = (value: number): string => (value < 10 ? value.toFixed(1).replace(/\.0$/, '') : value.toFixed(0));

export const speed = ({ textsPerSecond }: Extract<ProviderProbe, { works: true }>): string =>
  `about ${Number(textsPerSecond.toPrecision(2)).toLocaleString('en')} headlines a second`;

/** How much of the model a provider computes, where not all of it. */
export function share({ operations }: Extract<ProviderProbe, { works: true }>, provider: string): string {
  if (!operations) return '';
  const all = Object.values(operations).reduce((sum, count) => sum + count, 0);
  const own = operations[provider] ?? 0;
  return own === all ? '' : ` (${own} of the model's ${all} operations; the others on the CPU)`;
}

const marks: { readonly [S in Finding['state']]: string } = { ok: 'ok     ', hint: 'hint   ', absent: 'absent ', wrong: 'WRONG  ' };

export const sentence = ({ state, text, fix }: Finding): string => `${marks[state]}${text}.${fix === undefined ? '' : `\n       → ${fix}`}`;
