/** @file Our `Session` over an ONNX Runtime session; the same for onnxruntime-node and onnxruntime-web, whose types are alike. */
import type { InferenceSession, OnnxValue, Tensor as OrtTensor, TensorConstructor } from 'onnxruntime-node';
import { UsageError } from '../errors.js';
import type { Provider, Session, Tensor, TensorData } from './session.js';

export type OrtPackage = {
  /** The `Tensor` of the package that opened the session: each package has its own and knows no other's. */
  readonly Tensor: TensorConstructor;
  /** Whether pre-allocated outputs are written by the runtime itself; if not, they are filled by a copy. */
  readonly writesInPlace: boolean;
};

/** Typed arrays are passed to the runtime as they are. A pre-allocated output comes back as the very tensor that was given. */
export function wrapSession(
  ort: InferenceSession,
  { Tensor, writesInPlace }: OrtPackage,
  provider: Provider,
  fallbacks: readonly string[],
): Session {
  return {
    inputNames: ort.inputNames,
    outputNames: ort.outputNames,
    provider,
    fallbacks,
    async run(feeds, outputs) {
      try {
        const given = mapValues(feeds, (tensor) => toOrt(Tensor, tensor));
        if (!outputs) return mapValues(await ort.run(given), fromOrt);
        const results = await ort.run(
          given,
          mapValues(outputs, (output) => (output && writesInPlace ? toOrt(Tensor, output) : null)),
        );
        return mapValues(outputs, (output, name) => {
          const result = results[name] as OrtTensor;
          if (!output) return fromOrt(result);
          if (!writesInPlace) copyInto(output, fromOrt(result));
          return output;
        });
      } catch (error) {
        throw runtimeError(error, ort.inputNames);
      }
    },
    dispose: () => ort.release(),
  };
}

/** The typings pair each type name with its own array type; ours carry the same pairs, so the casts are safe. */
export const toOrt = (Tensor: TensorConstructor, { type, dims, data }: Tensor): OrtTensor =>
  new Tensor(type as 'float32', data as Float32Array, dims);

export function runtimeError(error: unknown, inputNames: readonly string[]): UsageError {
  const message = error instanceof Error ? error.message : String(error);
  return new UsageError(
    'runtime/model',
    `session.run: ${message}`,
    `feed the inputs [${inputNames.join(', ')}] with the types and shapes that the model declares.`,
  );
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A, key: string) => B): Record<string, B> {
  const changed: Record<string, B> = {};
  for (const key of Object.keys(record)) changed[key] = change(record[key] as A, key);
  return changed;
}

export function fromOrt(value: OnnxValue): Tensor {
  const { type, dims, data } = value as OrtTensor;
  return {
    type: type as Tensor['type'],
    dims,
    data: type === 'float16' ? halfBits(data as unknown as ArrayBufferView) : (data as TensorData),
  };
}

function copyInto(output: Tensor, { data }: Tensor): void {
  if (data.length !== output.data.length)
    throw new Error(`a pre-allocated output of ${output.data.length} values was given for one of ${data.length}`);
  (output.data as Float32Array).set(data as Float32Array);
}

/** Where the platform has Float16Array, ONNX Runtime gives that; ours is always the bits. */
function halfBits({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint16Array {
  return new Uint16Array(buffer, byteOffset, byteLength / 2);
}
