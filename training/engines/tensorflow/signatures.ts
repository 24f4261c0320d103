/** @file Signatures of a SavedModel, loaded and run by tfjs-node. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NamedTensorMap, Tensor } from '@tensorflow/tfjs-core';
import type { Tensors } from '../../../models/index.js';
import type { NativeTfjs, Tfjs } from '../load-tfjs.js';
import { toInt32 } from './attributes.js';
import { type SavedModel, tag } from './saved-model-writer.js';

export type Signatures = {
  /** Runs one and waits for it. Feeds may be views of memory that changes later. */
  run(name: string, feeds: Tensors): ReadonlyMap<string, Float32Array>;
  dispose(): void;
};

/** Loads all signatures of a model, which share its variables. TensorFlow reads the file now and not again. */
export async function loadSignatures(tf: NativeTfjs, { model, signatures, names }: SavedModel): Promise<Signatures> {
  const folder = await mkdtemp(join(tmpdir(), 'copydesk-tensorflow-'));
  const file = join(folder, 'saved_model.pb');
  const loaded = new Map<string, Awaited<ReturnType<NativeTfjs['node']['loadSavedModel']>>>();
  try {
    await writeFile(file, model);
    for (const name of names) {
      loaded.set(name, await tf.node.loadSavedModel(folder, [tag], name));
      // The graph is now in TensorFlow; for each further signature tfjs-node would parse it all again, only to see what it is fed.
      if (loaded.size === 1) await writeFile(file, signatures);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return {
    run(name, feeds) {
      const fed = Object.fromEntries(Object.entries(feeds).map(([key, tensor]) => [key, toNative(tf, tensor)]));
      let given: NamedTensorMap = {};
      try {
        given = loaded.get(name)!.predict(fed);
        return new Map(Object.entries(given).map(([key, tensor]) => [key, tensor.dataSync<'float32'>()]));
      } finally {
        tf.dispose([...Object.values(fed), ...Object.values(given)]);
      }
    },
    dispose() {
      for (const signature of loaded.values()) signature.dispose();
    },
  };
}

/** No copy where the type is one that TensorFlow has: nothing of it is left once it was run. */
function toNative(tf: Tfjs, { type, dims, data }: Tensors[string]): Tensor {
  if (type === 'float32') return tf.tensor(data as Float32Array, [...dims], 'float32');
  if (type === 'bool') return tf.tensor(data as Uint8Array, [...dims], 'bool');
  return tf.tensor(data instanceof Int32Array ? data : Int32Array.from(data as ArrayLike<number | bigint>, toInt32), [...dims], 'int32');
}
