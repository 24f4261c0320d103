/** @file The head that a person taught, in the worker: its graphs are fetched when it is first needed, and kept with the bundle. */
import type { Logits, TextInput } from '../../../../models/index.js';
import { createPersonalHead, type LearnProgress, type Learnt, type PersonalHead } from '../../../personal/index.js';
import { CopydeskError, type Item } from '../../asking/index.js';
import type { TeachOrder } from '../messages.js';
import type { LoadedModel } from './load-model.js';

export type TaughtHead = {
  /** `undefined`: nothing was taught, and the model answers as it was exported. */
  logits(inputs: readonly TextInput[]): Promise<Logits> | undefined;
  /** @throws CopydeskError where the bundle is without the graphs, or they cannot be fetched; UsageError; the reason of `stop` */
  teach(order: TeachOrder, onProgress: (progress: LearnProgress) => void): Promise<{ readonly learnt: Learnt; readonly head: Uint8Array }>;
  stop(): void;
  /** @param bytes `null`: as exported. @throws CopydeskError, UsageError `weights/invalid` for a head of another bundle or version */
  restore(bytes: Uint8Array | null): Promise<void>;
};

export function createTaughtHead(loaded: () => LoadedModel): TaughtHead {
  let opened: Promise<PersonalHead> | undefined;
  let head: PersonalHead | undefined;
  let learning: AbortController | undefined;

  async function open(): Promise<PersonalHead> {
    const { manifest, bundle, openSession, tokenizer } = loaded();
    const { personalise, models } = manifest;
    if (!personalise)
      throw new CopydeskError(
        'bundle/missing',
        'the bundle does not carry what its head is taught by',
        'export it again with this version of copydesk',
      );
    // The head's features are those of the fp32 file, whichever file answers otherwise.
    const [features, step, model] = await Promise.all(
      [personalise.features, personalise.step, models.fp32].map((path) => bundle.file(path)),
    );
    const beside = { [models.fp32.slice(models.fp32.lastIndexOf('/') + 1)]: model! };
    // On the processor: a head is learnt alike on every device.
    return createPersonalHead({
      features: await openSession(features!, beside, ['wasm']),
      step: await openSession(step!, {}, ['wasm']),
      tokenizer,
      manifest,
    });
  }

  function theHead(): Promise<PersonalHead> {
    opened ??= open();
    opened.catch(() => {
      opened = undefined; // a network may come back
    });
    return opened;
  }

  return {
    logits: (inputs) => (head && head.corrections > 0 ? head.logits(inputs) : undefined),
    async teach({ corrections, keep }, onProgress) {
      const own = new AbortController();
      learning = own;
      const taught = await theHead();
      try {
        const learnt = await taught.learn(corrections, { keep: keep.map(inputOf), signal: own.signal, onProgress });
        head = taught;
        return { learnt, head: taught.toBytes() };
      } finally {
        if (learning === own) learning = undefined;
      }
    },
    stop: () => learning?.abort(new CopydeskError('disposed', 'the learning was stopped', 'begin again when you like')),
    async restore(bytes) {
      if (bytes === null) return void head?.forget();
      const taught = await theHead();
      taught.fromBytes(bytes);
      head = taught;
    },
  };
}

const inputOf = (item: Item): TextInput => (typeof item === 'string' ? item : item.pair === undefined ? item.text : [item.text, item.pair]);
