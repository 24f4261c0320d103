/** @file The bytes of TensorBoard's event files: protobuf messages (tensorflow/core/util/event.proto, summary.proto) in record frames
 *  (tensorflow/core/lib/io/record_writer.h). The few fields that scalars need, so written by hand. */
import { maskedCrc32c } from './crc32c.js';

/** One point of one curve. */
export type Scalar = { readonly tag: string; readonly value: number };

/** The first record of every file. */
export const versionRecord = (wallTime: number): Uint8Array => record(message(double(1, wallTime), text(3, 'brain.Event:2')));

/** Says that a log goes on at `step`: what older files of the folder have at or after it is not shown. */
export const restartRecord = (wallTime: number, step: number): Uint8Array =>
  record(message(double(1, wallTime), whole(2, step), inner(7, whole(1, 1)))); // SessionLog { status: START }

/** @param wallTime Unix time in seconds */
export const scalarsRecord = (wallTime: number, step: number, scalars: readonly Scalar[]): Uint8Array =>
  record(
    message(
      double(1, wallTime),
      whole(2, step),
      inner(5, ...scalars.map(({ tag, value }) => inner(1, text(1, tag), float(2, value)))), // Summary { value: [{ tag, simple_value }] }
    ),
  );

/** Length in 8 bytes, its checksum, the bytes, their checksum; little-endian. */
function record(bytes: Buffer): Uint8Array {
  const head = Buffer.alloc(12);
  head.writeBigUInt64LE(BigInt(bytes.length));
  head.writeUInt32LE(maskedCrc32c(head.subarray(0, 8)), 8);
  const foot = Buffer.alloc(4);
  foot.writeUInt32LE(maskedCrc32c(bytes));
  return Buffer.concat([head, bytes, foot]);
}

/** Wire types of protobuf. */
const [varintType, doubleType, lengthType, floatType] = [0, 1, 2, 5];

const message = (...fields: readonly Buffer[]): Buffer => Buffer.concat(fields);
const whole = (field: number, value: number): Buffer => message(varint(8 * field + varintType), varint(value));
const text = (field: number, value: string): Buffer => inner(field, Buffer.from(value));

function inner(field: number, ...parts: readonly Buffer[]): Buffer {
  const bytes = message(...parts);
  return message(varint(8 * field + lengthType), varint(bytes.length), bytes);
}

function double(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return message(varint(8 * field + doubleType), bytes);
}

function float(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return message(varint(8 * field + floatType), bytes);
}

/** @param value a whole number from 0 to 2^53 */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}
