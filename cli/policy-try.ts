/** @file `copydesk policy try`: what another policy would decide about the texts of a file, before it decides about anybody's. */
import { type Decision, type Policy, type Rule, toVerdict, UsageError, type Verdict } from '../models/index.js';
import { jsonLine } from '../models/rows/node.js';
import { openFileOutput, type PolicyBook, readPolicyBook, ruleName } from '../serving/index.js';
import type { Fields } from '../training/index.js';
import { zipAs } from './answer-sink.js';
import { type AskedTexts, askTexts } from './ask-texts.js';
import { type Dry, type Moved, tryTable } from './policy-try-table.js';
import { print, say, type Terminal } from './terminal.js';

export type TryOptions = {
  readonly model: string;
  readonly data: string;
  readonly against: string;
  readonly client?: string;
  readonly language?: string;
  readonly out?: string;
  readonly fields?: Fields;
  readonly json?: true;
};

/** One of the two policies: its name, its verdict on each text, and the scores that each text is held to. */
type Side = { readonly name: string; readonly verdicts: readonly Verdict[]; readonly thresholds: readonly Policy['labels'][] };

const severity: { readonly [D in Decision]: number } = { publish: 0, review: 1, block: 2 };

/** @throws UsageError `config/*` for a policy, `data/*` for the texts */
export async function tryPolicyFile(terminal: Terminal, path: string, options: TryOptions): Promise<void> {
  const { model, data, against, out, fields, json } = options;
  const book = await readPolicyBook(path);
  const other = against === 'bundle' ? undefined : await readPolicyBook(against);
  const asked = await askTexts(terminal, model, data, { fields, labels: 'if-there' });
  for (const one of [book, other]) one?.check([asked.rules]);
  const [before, after] = [sideOf(other, asked, options), sideOf(book, asked, options)];
  if (after.verdicts.some(({ observed }) => observed !== undefined))
    say(terminal, `${path} only observes: what it would decide is shown, but nothing is held until "observe" is false`);
  const moved = movedTexts(asked, before, after);
  if (out !== undefined) await writeMoved(out, asked, moved, before, after);
  const dry = summary(asked, before, after, moved);
  await print(terminal, json ? JSON.stringify(dry) : tryTable(dry));
}

/** What a verdict comes to, whether it is enforced or only observed. */
const decided = ({ observed, decision }: Verdict): Decision => observed ?? decision;

function sideOf(book: PolicyBook | undefined, { rules, rows, logits, truncated }: AskedTexts, options: TryOptions): Side {
  const verdicts: Verdict[] = [];
  const thresholds: Policy['labels'][] = [];
  for (const [i, { text, pair, fields, where }] of rows.entries()) {
    const client = options.client ?? stringOf(fields.client, `${where}: client`);
    const language = options.language ?? stringOf(fields.language, `${where}: language`);
    const texts = pair === undefined ? [text] : [text, pair];
    const verdict = toVerdict(rules, logits[i]!, truncated[i]);
    verdicts.push(book ? book.judge(verdict, { model: rules, texts, client, language }) : verdict);
    thresholds.push(book ? book.thresholds(rules, client) : rules.policy.labels);
  }
  return { name: book?.key ?? `the bundle ${rules.name}@${rules.version}`, verdicts, thresholds };
}

function stringOf(value: unknown, where: string): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  throw new UsageError(
    'data/invalid',
    `${where} is ${JSON.stringify(value)?.slice(0, 60)}, not a string`,
    'write a string, or leave it out.',
  );
}

function movedTexts({ rules: { labels }, targets }: AskedTexts, before: Side, after: Side): readonly Moved[] {
  return after.verdicts.flatMap((verdict, index) => {
    const [was, is] = [before.verdicts[index]!, verdict];
    const [from, to] = [decided(was), decided(is)];
    if (from === to) return [];
    const harder = severity[to] > severity[from] || is.rule.kind === 'allowed';
    const by = harder ? ruleText(is.rule) : `no longer ${ruleText(was.rule)}`;
    return [{ index, from, to, by, label: labelOf(verdict, labels, targets?.[index]) }];
  });
}

const ruleTexts: { readonly [K in Rule['kind']]: (rule: Extract<Rule, { kind: K }>) => string } = {
  none: () => 'nothing',
  threshold: ({ label, threshold }) => `${label} from ${threshold}`,
  word: ({ list }) => `list ${list}`,
  allowed: ({ list }) => `allowed by list ${list}`,
};

const ruleText = (rule: Rule): string => (ruleTexts[rule.kind] as (rule: Rule) => string)(rule);

/** The true label where it is known, else the one given; of several their names; of values none. */
function labelOf(verdict: Verdict, labels: readonly string[], target: readonly number[] | undefined): string | null {
  if (!('scores' in verdict)) return null;
  const given = target ? labels.filter((_, i) => target[i]! >= 0.5) : (verdict.labels ?? [verdict.label]);
  return given.length === 0 ? '(none)' : given.join(' + ');
}

function summary(asked: AskedTexts, before: Side, after: Side, moved: readonly Moved[]): Dry {
  const wrong = shouldBeHeld(asked, before, after);
  return {
    texts: asked.rows.length,
    labelled: asked.targets !== undefined,
    before: { name: before.name, decisions: counts(before), ...(wrong ? { quality: quality(before, wrong) } : {}) },
    after: { name: after.name, decisions: counts(after), ...(wrong ? { quality: quality(after, wrong) } : {}) },
    moved: moved.length,
    moves: tally(moved, ({ from, to }) => ({ from, to })),
    byRule: tally(moved, ({ from, to, by }) => ({ from, to, by })),
    byLabel: tally(moved.filter(({ label }) => label !== null), ({ from, to, label }) => ({ from, to, label })), // biome-ignore format: one line
    deciding: tally(after.verdicts.filter((verdict) => decided(verdict) !== 'publish'), (verdict) => ({ decision: decided(verdict), kind: verdict.rule.kind, name: ruleName(verdict.rule) })), // biome-ignore format: one line
  };
}

function counts({ verdicts }: Side): Record<Decision, number> {
  const all = { publish: 0, review: 0, block: 0 };
  for (const verdict of verdicts) all[decided(verdict)] += 1;
  return all;
}

/** Of each text whether it has a label that either policy holds texts for; `undefined` where that is not known. */
function shouldBeHeld({ rules: { labels, activation }, targets }: AskedTexts, before: Side, after: Side): readonly boolean[] | undefined {
  if (!targets || activation === 'none') return undefined;
  return targets.map((target, i) => {
    const rules = [before.thresholds[i]!, after.thresholds[i]!];
    return labels.some(
      (label, of) => target[of]! >= 0.5 && rules.some((one) => one[label] && (one[label].review ?? one[label].block) !== null),
    );
  });
}

/** Of all that is held, and of all that is blocked: how much of it rightly, and how much of what should be. */
function quality({ verdicts }: Side, wrong: readonly boolean[]): NonNullable<Dry['before']['quality']> {
  const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
  const of = (is: (decision: Decision) => boolean) => {
    const held = verdicts.map((verdict) => is(decided(verdict)));
    const right = held.filter((one, i) => one && wrong[i]).length;
    return { precision: share(right, held.filter(Boolean).length), recall: share(right, wrong.filter(Boolean).length) };
  };
  return { held: of((decision) => decision !== 'publish'), blocked: of((decision) => decision === 'block') };
}

/** Counts of equal keys, the most frequent first. */
function tally<T, K extends object>(all: readonly T[], keyOf: (one: T) => K): readonly (K & { readonly count: number })[] {
  const found = new Map<string, K & { count: number }>();
  for (const one of all) {
    const key = keyOf(one);
    const known = found.get(JSON.stringify(key));
    if (known) known.count += 1;
    else found.set(JSON.stringify(key), { ...key, count: 1 });
  }
  return [...found.values()].sort((a, b) => b.count - a.count);
}

async function writeMoved(out: string, { rows }: AskedTexts, moved: readonly Moved[], before: Side, after: Side): Promise<void> {
  const side = (decision: Decision, { rule }: Verdict) => ({ decision, rule });
  const lines = moved.map(({ index, from, to }) => {
    const sides = { before: side(from, before.verdicts[index]!), after: side(to, after.verdicts[index]!) };
    return `${jsonLine({ ...rows[index]!.fields, ...sides })}\n`;
  });
  const output = await openFileOutput({
    path: out,
    task: {},
    resume: false,
    ...(/\.zip$/i.test(out) ? { pack: zipAs('moved.jsonl') } : {}),
  });
  await output.append({ text: lines.join(''), aside: '', rows: lines.length, bad: 0, complete: true });
  await output.finish();
}
