/** @file Special tokens around a text or a pair, and what is cut when it is too long. One way of doing it, for Node and browser. */
import { z } from 'zod';
import { UsageError } from '../errors.js';
import type { Encoding, TokenPlace } from './tokenizer.js';

/** A special token, or the place of the text (`A`) or its pair (`B`), with its segment. */
export type TemplatePart = { readonly type: number } & ({ readonly ids: readonly number[] } | { readonly sequence: 'A' | 'B' });
export type Template = { readonly single: readonly TemplatePart[]; readonly pair: readonly TemplatePart[] };

/** Puts special tokens around the ids and cuts to `maxTokens`, the longer text first; the special tokens are always kept.
 *  @throws UsageError `text/tokenizer` when `maxTokens` does not even hold the special tokens */
export function assemble(template: Template, text: readonly number[], pair: readonly number[] | undefined, maxTokens: number): Encoding {
  const parts = pair ? template.pair : template.single;
  const room = maxTokens - parts.reduce((sum, part) => sum + ('ids' in part ? part.ids.length : 0), 0);
  if (room < 0) {
    throw new UsageError(
      'text/tokenizer',
      `tokens: at most ${maxTokens} were asked for, but ${maxTokens - room} special tokens come first`,
      `set maxTokens to ${maxTokens - room + 1} or more.`,
    );
  }
  const [textLength, pairLength] = longestFirst(text.length, pair?.length ?? 0, room);
  const sequences = { A: text.slice(0, textLength), B: (pair ?? []).slice(0, pairLength) };
  const ids: number[] = [];
  const types: number[] = [];
  const places: TokenPlace[] = [];
  for (const part of parts) {
    if ('sequence' in part)
      places[part.sequence === 'A' ? 0 : 1] = { start: ids.length, end: ids.length + sequences[part.sequence].length };
    for (const id of 'ids' in part ? part.ids : sequences[part.sequence]) {
      ids.push(id);
      types.push(part.type);
    }
  }
  return { ids, types, places, truncated: textLength < text.length || pairLength < (pair?.length ?? 0) };
}

/** Lengths left of two texts that share `room`: the longer one gives way until both are equal, then both do. As the Rust tokenizers. */
export function longestFirst(text: number, pair: number, room: number): readonly [text: number, pair: number] {
  if (text + pair <= room) return [text, pair];
  const shorter = Math.min(text, pair);
  let longer = shorter > room ? shorter : Math.max(shorter, room - shorter);
  let kept = shorter;
  if (kept + longer > room) {
    kept = Math.floor(room / 2);
    longer = kept + (room % 2);
  }
  return text > pair ? [longer, kept] : [kept, longer];
}

const idsSchema = z.array(z.number().int().nonnegative());
const partSchema = z.union([
  z.strictObject({ SpecialToken: z.strictObject({ id: z.string(), type_id: z.number() }) }),
  z.strictObject({ Sequence: z.strictObject({ id: z.enum(['A', 'B']), type_id: z.number() }) }),
]);
const templateSchema = z.looseObject({
  single: z.array(partSchema),
  pair: z.array(partSchema),
  special_tokens: z.record(z.string(), z.looseObject({ ids: idsSchema })),
});
const wordAndId = z.tuple([z.string(), z.number()]);
const bertSchema = z.looseObject({ sep: wordAndId, cls: wordAndId });

/** The template that a tokenizer.json's `post_processor` stands for. */
export function templateOf(processor: { readonly type: string } | null): Template {
  if (processor === null) return plain;
  const read = readers[processor.type];
  const template = read?.(processor);
  if (template) return template;
  throw new UsageError(
    'text/tokenizer',
    `tokenizer.json: post_processor: cannot read one of type ${processor.type}`,
    `save the tokenizer with one of: ${Object.keys(readers).join(', ')}.`,
  );
}

const A: TemplatePart = { sequence: 'A', type: 0 };
const plain: Template = { single: [A], pair: [A, { sequence: 'B', type: 1 }] };

const readers: { readonly [type: string]: (processor: unknown) => Template | undefined } = {
  TemplateProcessing: (processor) => {
    const { success, data } = templateSchema.safeParse(processor);
    if (!success) return undefined;
    const part = (item: z.infer<typeof partSchema>): TemplatePart =>
      'Sequence' in item
        ? { sequence: item.Sequence.id, type: item.Sequence.type_id }
        : { ids: data.special_tokens[item.SpecialToken.id]?.ids ?? [], type: item.SpecialToken.type_id };
    return { single: data.single.map(part), pair: data.pair.map(part) };
  },
  BertProcessing: (processor) => {
    const { success, data } = bertSchema.safeParse(processor);
    if (!success) return undefined;
    const cls: TemplatePart = { ids: [data.cls[1]], type: 0 };
    const sep = (type: number): TemplatePart => ({ ids: [data.sep[1]], type });
    return { single: [cls, A, sep(0)], pair: [cls, A, sep(0), { sequence: 'B', type: 1 }, sep(1)] };
  },
  RobertaProcessing: (processor) => {
    const { success, data } = bertSchema.safeParse(processor);
    if (!success) return undefined;
    const cls: TemplatePart = { ids: [data.cls[1]], type: 0 };
    const sep: TemplatePart = { ids: [data.sep[1]], type: 0 };
    return { single: [cls, A, sep], pair: [cls, A, sep, sep, { sequence: 'B', type: 0 }, sep] };
  },
  // Byte-level tokenizers add no token; the step only trims offsets.
  ByteLevel: () => plain,
};
