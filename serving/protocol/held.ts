/** @file What an answer says of a text that the policy holds, where the server keeps a queue of them. */
import { z } from 'zod';

/** What a caller may call its own text; comes back with the held item and its decision. */
export const referenceSchema = z.string().min(1).max(200);

/** Whether a held text is in the queue. `true` is said once it is on the disk. */
export const heldSchema = z.object({
  queued: z.boolean(),
  /** Of the item. An equal text that still waits shares its item. */
  id: z.string().optional(),
  /** Why it is not: no room, the store cannot be written, or it could not be written in time (it may be there later). */
  reason: z.enum(['full', 'unavailable', 'late']).optional(),
});
export type Held = z.infer<typeof heldSchema>;
