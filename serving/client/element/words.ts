/** @file What the element says, in each language. */
import type { Decision } from '../../../models/index.js';

export type Language = 'en' | 'zh';

export type Words = {
  readonly decisions: { readonly [D in Decision]: string };
  /** What is said of a verdict, beside its decision. */
  readonly reason: (label: string, percent: string) => string;
  readonly value: (name: string, value: string) => string;
  readonly reading: string;
  readonly loading: (percent: number) => string;
  readonly failed: string;
  /** On the field, where a blocked text may not be sent. */
  readonly refused: (label: string) => string;
};

export const words: { readonly [L in Language]: Words } = {
  en: {
    decisions: { publish: 'Fine to publish', review: 'A person should look at this', block: 'Not to be published' },
    reason: (label, percent) => `reads as “${label}”, ${percent}`,
    value: (name, value) => `${name} ${value}`,
    reading: 'Reading…',
    loading: (percent) => `Fetching the model, ${percent} %`,
    failed: 'This text could not be checked',
    refused: (label) => `This text would not be published: it reads as “${label}”.`,
  },
  zh: {
    decisions: { publish: '可以发布', review: '需要人工审核', block: '不能发布' },
    reason: (label, percent) => `判断为“${label}”，${percent}`,
    value: (name, value) => `${name} ${value}`,
    reading: '正在阅读…',
    loading: (percent) => `正在下载模型，${percent}%`,
    failed: '这段文字未能检查',
    refused: (label) => `这段文字不能发布：判断为“${label}”。`,
  },
};

/** @param tag as BCP 47 has it; every Chinese one is `zh`, all that we do not speak is English */
export const languageOf = (tag: string | null | undefined): Language => (/^zh\b/i.test(tag ?? '') ? 'zh' : 'en');
