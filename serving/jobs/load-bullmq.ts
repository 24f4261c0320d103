/** @file BullMQ and its client of Redis, which only those install who have several machines. */
import { UsageError } from '../../models/index.js';

export type BullParts = { readonly bullmq: typeof import('bullmq'); readonly Redis: typeof import('ioredis').Redis };

/** @throws UsageError `serving/start` where they are not installed */
export async function loadBullmq(): Promise<BullParts> {
  try {
    const [bullmq, { Redis }] = await Promise.all([import('bullmq'), import('ioredis')]);
    return { bullmq, Redis };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new UsageError('serving/start', '--redis: the packages for it are not installed', 'npm install bullmq@6 ioredis@5');
  }
}
