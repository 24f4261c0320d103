/** @file Files are read back by a reader of its own: frames by hand, messages by protobufjs with the field numbers of TensorFlow's proto files,
 *  checksums bit by bit. TensorBoard 2.21 itself read such files as they should be. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LogEntry } from '../trainer/run-log.js';
import { crc32c, maskedCrc32c } from './crc32c.js';
import { openTensorBoardLog } from './tensorboard-log.js';

const { root } = protobuf.parse(`syntax = "proto3";
  message Event { double wall_time = 1; int64 step = 2; oneof what { string file_version = 3; Summary summary = 5; SessionLog session_log = 7; } }
  message Summary { message Value { string tag = 1; float simple_value = 2; } repeated Value value = 1; }
  message SessionLog { enum Status { STATUS_UNSPECIFIED = 0; START = 1; } Status status = 1; }`);

type Event = {
  readonly wallTime: number;
  readonly step?: number;
  readonly fileVersion?: string;
  readonly sessionLog?: { readonly status: string };
  readonly summary?: { readonly value: readonly { readonly tag: string; readonly simpleValue: number }[] };
};

function readEvents(bytes: Buffer): Event[] {
  const events: Event[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    const body = bytes.subarray(at + 12, at + 12 + length);
    expect(body).toHaveLength(length);
    expect(bytes.readUInt32LE(at + 8)).toBe(maskedBitwise(bytes.subarray(at, at + 8)));
    expect(bytes.readUInt32LE(at + 12 + length)).toBe(maskedBitwise(body));
    const type = root.lookupType('Event');
    events.push(type.toObject(type.decode(body), { longs: Number, enums: String }) as Event);
    at += length + 16;
  }
  return events;
}

/** Long division of polynomials, without a table. */
function maskedBitwise(bytes: Uint8Array): number {
  let crc = 0xffffffffn;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x82f63b78n : crc >> 1n;
  }
  crc ^= 0xffffffffn;
  return Number((((crc >> 15n) | ((crc << 17n) & 0xffffffffn)) + 0xa282ead8n) & 0xffffffffn);
}

const step = (at: number, more: object = {}): LogEntry => ({
  kind: 'step',
  step: at,
  epoch: at / 10,
  loss: 0.5,
  learningRate: 1e-3,
  gradientNorm: 2,
  examplesPerSecond: 100,
  ...more,
});
const evaluation = {
  kind: 'evaluation',
  step: 7,
  metrics: { task: 'single-label', examples: 9, macroF1: 0.75, auc: null, confusion: [[1, 2], [3, 3]], perClass: { 'späte Nachricht': { f1: 0.25, support: 9 } } }, // biome-ignore format: short
} as unknown as LogEntry;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copydesk-tensorboard-'));
});
afterEach(() => rm(folder, { recursive: true }));

const files = async () => (await readdir(folder)).sort();
const eventsOf = async (name: string) => readEvents(await readFile(join(folder, name)));
const curves = (events: readonly Event[]) =>
  events.flatMap(({ step: at, summary }) => summary?.value.map(({ tag, simpleValue }) => [tag, at ?? 0, simpleValue]) ?? []);

test('the checksum is that of RFC 3720, and the mask that of TensorFlow', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(maskedCrc32c(Buffer.from('123456789'))).toBe(maskedBitwise(Buffer.from('123456789')));
});

test('updates and evaluations are read back as curves, with their steps and times', async () => {
  let time = 1_700_000_000.25;
  const log = await openTensorBoardLog(folder, { fromStep: 0, now: () => time++ });
  log.add(step(1, { parts: { crossEntropy: 0.25, rDrop: 0.125 } }));
  log.add(evaluation);
  log.add(step(70_000));
  const [name, ...others] = await files();
  expect(others).toEqual([]);
  expect(name).toMatch(/^events\.out\.tfevents\.1700000000\./);
  const events = await eventsOf(name!);
  expect(events[0]).toEqual({ wallTime: 1_700_000_000.25, fileVersion: 'brain.Event:2' });
  expect(events[2]!.wallTime).toBe(1_700_000_001.25);
  expect(curves(events)).toEqual([
    ['train/epoch', 1, Math.fround(0.1)],
    ['train/loss', 1, 0.5],
    ['train/learningRate', 1, Math.fround(1e-3)],
    ['train/gradientNorm', 1, 2],
    ['train/examplesPerSecond', 1, 100],
    ['train/parts/crossEntropy', 1, 0.25],
    ['train/parts/rDrop', 1, 0.125],
    ['val/macroF1', 7, 0.75],
    ['val/perClass/späte Nachricht/f1', 7, 0.25],
    ['val/perClass/späte Nachricht/support', 7, 9],
    ...['epoch', 'loss', 'learningRate', 'gradientNorm', 'examplesPerSecond'].map((tag) => [`train/${tag}`, 70_000, expect.any(Number)]),
  ]);
});

test('a run that goes on writes a file of its own, which says from which step it replaces the one before', async () => {
  await (await openTensorBoardLog(folder, { fromStep: 0, now: () => 10 })).add(step(9));
  await (await openTensorBoardLog(folder, { fromStep: 8, now: () => 20 })).add(step(9));
  const [first, second] = await files();
  expect((await eventsOf(first!))[1]).toMatchObject({ step: 1, sessionLog: { status: 'START' } });
  expect((await eventsOf(second!))[1]).toMatchObject({ step: 9, sessionLog: { status: 'START' } });
  expect(curves(await eventsOf(second!))).toHaveLength(5);
});

test('what is no finite number is left out', async () => {
  const log = await openTensorBoardLog(folder, { fromStep: 0, now: () => 10 });
  log.add(step(1, { loss: Number.NaN, gradientNorm: Number.POSITIVE_INFINITY }));
  expect(curves(await eventsOf((await files())[0]!)).map(([tag]) => tag)).toEqual([
    'train/epoch',
    'train/learningRate',
    'train/examplesPerSecond',
  ]);
});
