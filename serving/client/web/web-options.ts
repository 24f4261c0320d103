/** @file What `createClassifier` takes. */
import type { Policy } from '../../../models/index.js';
import type { Precision, Progress } from './messages.js';

export type WebOptions = {
  /** Address of the bundle's folder, the one that holds `copydesk.json`; relative to the page. Any static host will do. */
  readonly bundle: string | URL;
  /** What computes. `auto`: the processor, and the GPU from the moment that it was measured to be faster here with this model. Default `auto`. */
  readonly prefer?: 'auto' | 'wasm' | 'webgpu';
  /** Which of the bundle's model files. `auto`: int8 on the processor, fp16 on a GPU that can, else fp32, as far as the bundle has them. Default `auto`. */
  readonly precision?: Precision | 'auto';
  /** Threads, where the page is cross-origin isolated; elsewhere there is one. Default: the device's cores, four at most. */
  readonly threads?: number;
  /** Address of the folder with `worker.js`, `worker-webgpu.js` and `ort/`, on the page's own origin. Default: beside this script. */
  readonly assets?: string | URL;
  /** The Cache Storage that keeps what was fetched; false: nothing is kept. Default `copydesk`. */
  readonly cache?: string | false;
  /** Opens what this device holds, and does not ask the address for another version. Default false. */
  readonly heldOnly?: boolean;
  /** For a server that wants one for its bundles. Called when the bundle is loaded, where it is a function. */
  readonly key?: string | (() => string | Promise<string>);
  /** Review and block thresholds by label, in place of the bundle's own. */
  readonly policy?: Policy['labels'];
  /** Milliseconds that a call may take, loading included, unless it says otherwise. Default: as long as it takes. */
  readonly timeout?: number;
  readonly onProgress?: (progress: Progress) => void;
};
