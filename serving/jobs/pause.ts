import { setTimeout } from 'node:timers/promises';

/** Waits. @throws the signal's reason, at once */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
}
