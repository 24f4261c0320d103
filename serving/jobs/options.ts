/** @file What can be set about jobs. Off unless a folder is named. */
import { z } from 'zod';

export const jobOptionsSchema = z.strictObject({
  /** Folder in which files of texts and their answers are kept. One server alone uses it. */
  folder: z.string().min(1),
  /** Days after which a job that has ended is erased. */
  days: z.number().positive().default(7),
  /** Jobs that are worked on at once; the others wait. */
  atOnce: z.number().int().positive().default(2),
  /** Jobs that a client may have which have not ended. */
  perClient: z.number().int().positive().default(20),
  /** `redis://…` of the queue from which `copydesk work` takes chunks. Without it, this server answers them. */
  redis: z
    .string()
    .regex(/^rediss?:\/\/\S+$/, { error: 'is no address of Redis: write redis://host:6379' })
    .optional(),
});

export type JobOptions = z.infer<typeof jobOptionsSchema>;
