/** @file TensorFlow's native library, where there is one: tests that need it are skipped by name where there is none. */
import { test } from 'vitest';
import { loadTensorflow, type NativeTfjs } from '../../load-tfjs.js';

/** Found beside this program, or in the folder that COPYDESK_TFJS names. */
export const native: NativeTfjs | undefined = await loadTensorflow().catch(() => undefined);

export const absence = "TensorFlow's native library is not here; COPYDESK_TFJS names a folder that has it";

/** A test that needs it. */
export function nativeTest(title: string, run: (tf: NativeTfjs) => Promise<void>): void {
  if (native) test(title, () => run(native), 300_000);
  else test.skip(`${title} (${absence})`, () => undefined);
}
