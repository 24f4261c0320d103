import { libraryOf, loadTensorflow } from '../load-tfjs.js';
import { probeXla } from './probe-xla.js';

export type TensorflowProbe =
  | {
      readonly works: true;
      readonly device: 'cpu' | 'gpu';
      /** Of TensorFlow. */
      readonly version: string | undefined;
      /** Why XLA does not compile; `undefined` where it does. */
      readonly withoutXla: string | undefined;
    }
  | { readonly works: false; readonly reason: string };

/** Loads TensorFlow and carries out one small compiled step. */
export async function probeTensorflow(): Promise<TensorflowProbe> {
  try {
    const tf = await loadTensorflow();
    const xla = await probeXla(tf);
    return { works: true, ...libraryOf(tf), withoutXla: xla.works ? undefined : xla.reason };
  } catch (error) {
    return { works: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
