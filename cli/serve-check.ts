/** @file `copydesk serve --check`: whether the server would start, and with what. */
import { UsageError } from '../models/index.js';
import { checkStart, type Problem, type ReadSettings, shownSettings } from '../serving/index.js';
import { print, say, type Terminal } from './terminal.js';

/** @throws UsageError `config/invalid` when it would not start, after saying all that is wrong */
export async function checkServer(terminal: Terminal, settings: ReadSettings, json = false): Promise<void> {
  const early = settings.problems.map(sentence);
  const { errors, models, policy } = early.length > 0 ? nothing : await checkStart(settings.options);
  const problems = [...early, ...errors.map(({ message }) => message)];
  const shown = early.length > 0 ? [] : shownSettings(settings);
  const { remarks } = settings;
  if (json) await print(terminal, JSON.stringify({ ok: problems.length === 0, problems, remarks, settings: shown, models, policy }));
  else {
    const width = Math.max(0, ...shown.map(({ key }) => key.length));
    for (const { key, value, from } of shown) await print(terminal, `${key.padEnd(width)}  ${inWords(value)}  (${from})`);
    for (const remark of remarks) say(terminal, `note: ${remark}`);
    for (const problem of problems) say(terminal, `wrong: ${problem}`);
  }
  if (problems.length > 0) {
    const count = problems.length === 1 ? 'one thing is' : `${problems.length} things are`;
    throw new UsageError('config/invalid', `the server would not start: ${count} wrong`, 'mend what is said above, and check again.');
  }
  if (!json) await print(terminal, `ok: ${models.join(', ')}${policy === undefined ? '' : `, policy ${policy}`}`);
}

const nothing = { errors: [], models: [], policy: undefined } as const;

const sentence = ({ where, what, fix }: Problem): string => `${where}: ${what}. Fix: ${fix}`;

function inWords(value: unknown): string {
  if (value === null) return 'not set';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(', ');
  return String(value);
}
