import { z } from 'zod';

/** A regular expression over parameter names, as a config writes it. */
export const patternSchema = z.string().refine(isPattern, 'give a regular expression');

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
