/** @file Results that stay where they were computed, to be fed again: in a card's memory. */
import type { Tensor as OrtTensor } from 'onnxruntime-node';
import type { TensorType } from './session.js';

/**
 * An array in the memory of a device. Its values are had by feeding it to a session that gives them back; nothing frees it but `dispose`.
 * (onnxruntime-node 1.30 ends the process when it is asked to download one.)
 */
export class DeviceTensor {
  /** For the runtime alone. */
  readonly ort: OrtTensor;

  constructor(ort: OrtTensor) {
    this.ort = ort;
  }

  get type(): TensorType {
    return this.ort.type as TensorType;
  }

  get dims(): readonly number[] {
    return this.ort.dims;
  }

  dispose(): void {
    this.ort.dispose();
  }
}
