/** @file Threads that compute give way to the one that answers: on a busy machine a probe or a refusal must not wait until a batch is done. */
import { readlinkSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** Steps of Unix niceness below the rest of the program: about a tenth of its weight where both want the same core. */
const steps = 10;

/**
 * Lowers the priority of the calling thread, and of those that it starts from now on. On Linux alone: elsewhere priority belongs to the process.
 * Where it is not allowed, everything stays as it was.
 */
export function giveWay(): void {
  if (process.platform !== 'linux') return;
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').pop()); // asked by the thread itself, as the call does not wait
    setPriority(thread, Math.min(19, getPriority(thread) + steps));
  } catch {}
}
