import { z } from 'zod';

/** Widths between the features and the labels. */
export const headWidths = z.array(z.number().int().positive()).refine((widths) => widths.at(-1) !== 1, {
  message: 'the last width is 1, so that every label would be read off one number. Fix: leave the 1 out; the layer for the labels is added',
});
