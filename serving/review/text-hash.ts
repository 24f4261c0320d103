/** @file Texts as the file has them. */
import { createHash } from 'node:crypto';

/** Under which equal texts are found. Nothing is equal to no text. */
export function textHash(text: string | undefined): Buffer {
  return text === undefined ? Buffer.alloc(0) : createHash('sha256').update(JSON.stringify(text)).digest();
}

export const writeText = (text: string): string => JSON.stringify(text);
export const readText = (stored: string): string => JSON.parse(stored) as string;
