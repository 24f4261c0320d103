/** @file How spans are told, whatever weighed them. */
import type { Span } from '../protocol/index.js';

/** As they stand in the text, then those of its pair. */
export const inOrder = (a: Span, b: Span): number => (a.of === b.of ? a.start - b.start : a.of === 'text' ? -1 : 1);

/** Four places: more is noise of 32-bit arithmetic. Never -0. */
export const round = (value: number): number => Math.round(value * 10_000) / 10_000 + 0;
