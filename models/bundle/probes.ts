/** @file Texts that every bundle carries, with what it answered when it was written: whoever opens it can see that it still does. Safe in a browser. */
import { z } from 'zod';
import { UsageError } from '../errors.js';
import type { Classifier } from '../runtime/classifier.js';
import type { TextInput } from '../text/tokenizer.js';
import type { Manifest, TextRules } from './manifest.js';

export const probesFile = 'probes.json';

const probeSchema = z.union([z.string(), z.tuple([z.string(), z.string()])]);

export const probesSchema = z.strictObject({
  texts: z.array(probeSchema).min(1),
  /** By precision: a row of logits for each text. */
  logits: z.record(z.string(), z.array(z.array(z.number()))),
});
export type Probes = z.infer<typeof probesSchema>;

/** Of our own writing, so that they may go wherever a bundle goes: plain news, claims, insults, other scripts, and what upsets tokenizers. */
const sentences = [
  'The council voted to repair the old bridge before winter.',
  'You will not believe what this baker puts into her bread',
  'Doctors hide this simple cure from everyone, share before it is deleted!',
  'Shares fell 3.5% on Tuesday after the bank cut its forecast for 2027.',
  'Go away, nobody wants people like you here.',
  '17 photographs of harbours that will make you pack your bags',
  "It's raining again, and the trains aren't running.",
  'MINISTER RESIGNS',
  'minister resigns',
  '@someone look at https://example.org/a?b=c #news',
  '市议会昨天决定修复旧桥。',
  '紧急通知：明天全市停水三天，请转发！',
  'Der Zug nach Köln hält heute nicht in Straßburg.',
  'Мост закрыт до понедельника.',
  'الجسر مغلق حتى يوم الاثنين',
  '다리는 월요일까지 닫혀 있습니다.',
  'naïve café, co\u0301digo, \ufb01ne print',
  '👩‍👩‍👧 😀 🇫🇷 👍🏽',
  '[CLS] [SEP] [MASK] [PAD]',
  'a\u0000b\u200bc\ufeffd\ud800e',
  'zzxqj wvvkp ##ing',
  '...!!!???',
  ' \t\n ',
  'The mayor said so. '.repeat(60),
] as const;

/** Single texts, or pairs of one and the next, as the model may be asked. */
export const probeTexts = (input: TextRules['input']): readonly TextInput[] =>
  input === 'pair' ? sentences.map((text, i): TextInput => [text, sentences[(i + 1) % sentences.length]!]) : sentences;

/** @param classifier runs the model file of a precision */
export async function answerProbes(classifier: Classifier, texts: readonly TextInput[]): Promise<number[][]> {
  const { logits } = await classifier.logits(texts);
  return logits.map((row) => [...row]);
}

/** Rounded to what float32 holds: no digit is lost, and the file stays short. */
export const formatProbes = (probes: Probes): string =>
  `${JSON.stringify(probes, (_key, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(9)) : value), 1)}\n`;

/** @param where the file's path or address, for the message
 *  @throws UsageError `bundle/invalid` */
export function parseProbes(text: string, where: string): Probes {
  const parsed = probesSchema.safeParse(safeJson(text));
  if (parsed.success) return parsed.data;
  throw new UsageError('bundle/invalid', `${where}: it does not hold texts and their logits`, 'export the bundle again.');
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Asks the texts again: tokenizer, model file and runtime together must give what they gave.
 *
 * @returns the largest difference of a logit, as a share of the logit where that is above 1
 * @throws UsageError `bundle/parity` where it is above the tolerance of the bundle's own parity record
 */
export async function checkProbes(
  classifier: Classifier,
  { texts, logits }: Probes,
  { name, version, parity }: Pick<Manifest, 'name' | 'version' | 'parity'>,
  precision: string,
): Promise<number> {
  const recorded = logits[precision];
  const tolerance = parity[precision]?.tolerance;
  if (!recorded || tolerance === undefined) throw differs(`has no record of what its ${precision} model answers`);
  const given = await answerProbes(classifier, texts);
  let largest = 0;
  for (const [i, row] of recorded.entries())
    for (const [label, logit] of row.entries()) {
      const difference = Math.abs((given[i]?.[label] ?? Number.NaN) - logit) / Math.max(1, Math.abs(logit));
      if (!(difference <= largest)) largest = difference; // a NaN must not pass for small
    }
  if (largest <= tolerance) return largest;
  throw differs(
    `answers its recorded texts otherwise than when it was written: by up to ${largest}, more than ${tolerance} (${precision})`,
  );

  function differs(what: string): UsageError {
    return new UsageError('bundle/parity', `${name}@${version} ${what}`, 'get the bundle again from its source, or export it again.');
  }
}
