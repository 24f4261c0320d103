/** @file What can be set about the queue of held texts. Defaults are here and nowhere else. */
import { z } from 'zod';

const count = z.number().int().positive();

export const reviewOptionsSchema = z.strictObject({
  /** SQLite file. Made if it is not there; its folder must be. */
  file: z.string().min(1),
  /** Decisions that bring a text into the queue. */
  hold: z
    .array(z.enum(['review', 'block']))
    .min(1)
    .default(['review']),
  /** Days after which an item, decided or not, and a suggestion are erased. */
  days: z.number().positive().max(36_500).default(30),
  /** Items that may wait; what comes when there are so many is not kept, and the answer says so. Also the most suggestions that are kept. */
  items: count.default(10_000),
  /** Largest size of the file. MiB */
  megabytes: count.max(65_536).default(256),
  /** For which a request waits until its held texts are on the disk. ms */
  waitMs: count.default(1_000),
  /** For which a claim holds, unless the reviewer asks for another time. */
  leaseSeconds: z.number().int().min(10).max(86_400).default(600),
});

export type ReviewOptions = z.infer<typeof reviewOptionsSchema>;
