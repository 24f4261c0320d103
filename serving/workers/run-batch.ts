/** @file One batch through a session. */
import { invariant, type Session } from '../../models/index.js';
import type { Job } from './messages.js';

/** @returns logits `[batch, labels]`, in a buffer of their own that can be transferred */
export async function runBatch(session: Session, { model, batch, tokens, ids, mask, types }: Job): Promise<Float32Array<ArrayBuffer>> {
  const dims = [batch, tokens];
  const outputs = await session.run({
    input_ids: { type: 'int64', dims, data: ids },
    attention_mask: { type: 'int64', dims, data: mask },
    token_type_ids: { type: 'int64', dims, data: types },
  });
  const logits = outputs.logits?.data;
  invariant(logits instanceof Float32Array, `${model} has no float32 output named logits`);
  return new Float32Array(logits);
}
