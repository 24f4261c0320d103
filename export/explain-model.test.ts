/** @file The explain graph as a file, in ONNX Runtime, beside the model whose weights it reads. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBundles, packageFolder } from '../models/bundle/node.js';
import {
  architectureSchema,
  buildClassifier,
  fromOnnx,
  type Manifest,
  type PathPoint,
  padPath,
  runPath,
  type Session,
  storedAt,
  type Tensor,
  toOnnx,
} from '../models/index.js';
import { createSession } from '../models/runtime/node.js';
import { createTokenizer } from '../models/text/node.js';
import { explainModel } from './explain-model.js';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'copydesk-explain-'));
});
afterAll(() => rm(home, { recursive: true }));

/** Writes a model and its explain graph beside each other. */
async function openBeside(name: string, model: Uint8Array, explain: Uint8Array): Promise<Session> {
  await mkdir(join(home, name));
  await writeFile(join(home, name, 'model.onnx'), model);
  await writeFile(join(home, name, 'explain.onnx'), explain);
  return createSession(join(home, name, 'explain.onnx'), { threads: 1 });
}

function bytesOf(manifest: Parameters<typeof explainModel>[0], model: Uint8Array): Uint8Array {
  const made = explainModel(manifest, model);
  if ('impossible' in made) throw new Error(made.impossible);
  return made.bytes;
}

/** Deterministic numbers between -.5 and .5. */
function numbers(seed: number) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
}

const sizes = { vocabularySize: 30, width: 8, heads: 2, intermediate: 12 };
const architectures = {
  'bert, mean': { kind: 'bert', ...sizes },
  'bert, cls': { kind: 'bert', ...sizes, pooling: 'cls' },
  'bert, last four layers': { kind: 'bert', ...sizes, layers: 3, pooling: 'last-four' },
  'bert, attention, exact matches': { kind: 'bert', ...sizes, pooling: 'attention', exactMatch: true },
  'bert, rotary': { kind: 'bert', ...sizes, positions: 'rotary' },
  'bert, relative, with layers in its head': { kind: 'bert', ...sizes, positions: 'relative', mlp: [6], mlpNormalized: true },
  'endef of bert': { kind: 'endef', content: { kind: 'bert', ...sizes } },
  'endef of bigru': { kind: 'endef', content: { kind: 'bigru', vocabularySize: 30, width: 8, hidden: 4 } },
  'bigru, residual': { kind: 'bigru', vocabularySize: 30, width: 8, hidden: 4, residual: true },
  'bigru over bert': { kind: 'bigru', encoder: { kind: 'bert', ...sizes }, hidden: 4 },
  distilbert: { kind: 'distilbert', ...sizes },
  roberta: { kind: 'roberta', ...sizes },
  'xlnet, max': { kind: 'xlnet', ...sizes, pooling: 'max' },
  'xlnet, mean': { kind: 'xlnet', ...sizes, pooling: 'mean' },
  'xlnet, last': { kind: 'xlnet', ...sizes, pooling: 'last' },
};

/** A model with random weights, and what a manifest says of it. */
function modelOf(architecture: object, labels = 3) {
  const config = architectureSchema.parse(architecture);
  const { builder, logits, parameters } = buildClassifier(config, { labels });
  const next = numbers(3);
  const initializers = new Map(
    parameters.map(({ value }): [string, Tensor] => {
      const dims = value.shape.map(Number);
      return [value.name, { type: 'float32', dims, data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, next) }];
    }),
  );
  const names = Array.from({ length: labels }, (_, i) => `label ${i}`);
  const manifest = { name: 'm', architecture: config, labels: names, activation: 'softmax', temperature: 1.3, models: { fp32: 'onnx/model.onnx' } } as const; // biome-ignore format: one idea
  return {
    model: toOnnx(builder.graph([logits]), { initializers, outputNames: new Map([[logits.name, 'logits']]) }),
    manifest,
    initializers,
  };
}

const encoding = { ids: [1, 5, 9, 2, 9, 3, 2], types: [0, 0, 0, 0, 1, 1, 1], truncated: false };
const point = (progress: number, ids: readonly number[] = encoding.ids): PathPoint => ({ encoding: { ...encoding, ids }, baseline: [1, 0, 0, 2, 0, 0, 2], progress, label: 1 }); // biome-ignore format: one idea

test('no architecture is left out', () => {
  const tried = new Set(Object.values(architectures).map(({ kind }) => kind));
  const known = architectureSchema.options.map(({ shape }) => shape.kind.value);
  expect(known.filter((kind) => !tried.has(kind))).toEqual([]);
});

describe.each(Object.entries(architectures))('%s', (name, architecture) => {
  test('its attributions are the slope of its strength, whose ends are those of the model', async () => {
    const { model, manifest } = modelOf(architecture);
    const session = await openBeside(name, model, bytesOf(manifest, model));
    const width = 1 + encoding.ids.length;
    const rowsAt = async (...progress: readonly number[]) => {
      const rows = await runPath(session, padPath(progress.map((at) => point(at)), { padId: 0, labels: 3 })); // biome-ignore format: short
      return progress.map((_, i) => [...rows.subarray(i * width, (i + 1) * width)]);
    };
    const step = 0.01;
    for (const at of [0.3, 0.9]) {
      const [before, here, after] = await rowsAt(at - step, at, at + step);
      const slope = (after![0]! - before![0]!) / (2 * step);
      const sum = here!.slice(1).reduce((a, b) => a + b, 0);
      expect(Math.abs(sum - slope)).toBeLessThan(0.02 * Math.abs(slope) + 0.002);
      expect([here![1], here![4], here![7]]).toEqual([0, 0, 0]); // special tokens are not on the way
      expect(Math.max(...here!.slice(1).map(Math.abs))).toBeGreaterThan(1e-5);
    }
    const plain = await createSession(model, { threads: 1 });
    const { batch, tokens, ids, mask, types } = padPath([point(1)], { padId: 0, labels: 3 });
    const int64 = (data: BigInt64Array) => ({ type: 'int64', dims: [batch, tokens], data }) as const;
    const feeds = { input_ids: int64(ids), attention_mask: int64(mask), token_type_ids: int64(types) };
    const given = Object.fromEntries(plain.inputNames.map((input) => [input, feeds[input as keyof typeof feeds]]));
    const { logits } = await plain.run(given);
    const [a, own, c] = Array.from(logits!.data as Float32Array, (logit) => logit / 1.3);
    const [end] = await rowsAt(1);
    expect(end![0]).toBeCloseTo(own! - Math.log(Math.exp(a!) + Math.exp(c!)), 4);
    await session.dispose();
  });
});

test('a row scores and weighs the same alone and beside a longer one', async () => {
  const { model, manifest } = modelOf(architectures['bert, mean']);
  const session = await openBeside('rows', model, bytesOf(manifest, model));
  const short = { ...point(0.5), encoding: { ids: [1, 5, 2], types: [0, 0, 0], truncated: false }, baseline: [1, 0, 2] };
  const alone = await runPath(session, padPath([short], { padId: 0, labels: 3 }));
  const beside = await runPath(session, padPath([point(0.2), short], { padId: 0, labels: 3 }));
  const row = [...beside.subarray(8, 16)];
  for (const [i, value] of alone.entries()) expect(row[i]).toBeCloseTo(value, 5);
  expect(row.slice(4)).toEqual([0, 0, 0, 0]);
  await session.dispose();
});

test('a score that is as good as certain has a finite strength and a gradient', async () => {
  const { model, manifest } = modelOf({ kind: 'bert', ...sizes });
  const session = await openBeside('sure', model, bytesOf({ ...manifest, temperature: 0.0005 }, model));
  const rows = await runPath(session, padPath([0, 1, 2].map((label) => ({ ...point(1), label })), { padId: 0, labels: 3 })); // biome-ignore format: short
  expect([...rows].every(Number.isFinite)).toBe(true);
  expect(Math.max(...[0, 8, 16].map((at) => Math.abs(rows[at]!)))).toBeGreaterThan(100); // beyond what an exponential holds
  await session.dispose();
});

describe('the weights', () => {
  test('are those of the model, byte for byte, and none is in the file', () => {
    const { model, manifest, initializers } = modelOf({ kind: 'bert', ...sizes });
    const explain = bytesOf(manifest, model);
    const held = [...initializers.values()].reduce((sum, { data }) => sum + data.length, 0);
    expect(held).toBeGreaterThan(1000);
    const stored = storedAt(model);
    for (const [name, tensor] of initializers) {
      const { offset, length, dims } = stored.get(name)!;
      expect(dims, name).toEqual(tensor.dims);
      expect(new Float32Array(Uint8Array.from(model.subarray(offset, offset + length)).buffer), name).toEqual(tensor.data);
    }
    const pointed = Buffer.from(explain)
      .toString('latin1')
      .match(/model\.onnx/g);
    expect(pointed?.length).toBeGreaterThanOrEqual(initializers.size - 1); // but for the pooler, which mean pooling does not read
    expect(storedAt(explain).size).toBeLessThan(60);
    expect(() => fromOnnx(model)).not.toThrow();
  });

  test('that a pass has turned, joined or stored otherwise cannot be pointed to, and that is the answer', () => {
    const { model, manifest } = modelOf({ kind: 'bert', ...sizes, width: 16 });
    expect(explainModel({ ...manifest, architecture: architectureSchema.parse({ kind: 'bert', ...sizes, width: 8 }) }, model)).toEqual({
      impossible: expect.stringMatching(/does not hold bert\..* as it was trained/),
    });
  });

  test('of another file than the manifest lists are refused', () => {
    const { model, manifest } = modelOf({ kind: 'bert', ...sizes });
    const files = [{ path: 'onnx/model.onnx', bytes: model.length, sha256: '0'.repeat(64) }];
    expect(() => explainModel({ ...manifest, files }, model)).toThrow(/m: onnx\/model\.onnx is not the file that its manifest lists.*Fix:/);
  });

  test('of one label that is always certain there is nothing to explain', () => {
    const { model, manifest } = modelOf({ kind: 'bert', ...sizes }, 1);
    expect(explainModel(manifest, model)).toHaveProperty('impossible');
  });
});

describe('the model of headlines that ships', () => {
  test('integrated gradients add up, in ONNX Runtime, to what the text has more than its baseline, within 0.1 %', async () => {
    const bundle = (await findBundles([join(packageFolder(), 'models', 'zoo')])).find(({ manifest }) => manifest.name === 'headlines-en')!;
    const model = await bundle.modelBytes();
    const manifest: Manifest = bundle.manifest;
    const session = await openBeside('zoo', model, bytesOf(manifest, model));
    const tokenizer = createTokenizer(bundle.tokenizerJson);
    const encodings = await tokenizer.encode(
      ['The council voted on Tuesday to repair the harbour wall', "You won't believe what this baker hid in her oven"],
      manifest.text.maxTokens,
    );
    const steps = 256;
    for (const [label, encoding] of encodings.entries()) {
      const baseline = encoding.ids.map((id, i, { length }) => (i === 0 || i === length - 1 ? id : tokenizer.padId));
      const at = (progress: number): PathPoint => ({ encoding, baseline, progress, label: 1 - label });
      const points = [at(0), at(1), ...Array.from({ length: steps }, (_, i) => at((i + 0.5) / steps))];
      const rows = await runPath(session, padPath(points, { padId: tokenizer.padId, labels: 2 }));
      const width = 1 + encoding.ids.length;
      const gained = rows[width]! - rows[0]!;
      let sum = 0;
      for (let row = 2; row < points.length; row++) for (let token = 1; token < width; token++) sum += rows[row * width + token]! / steps;

      expect(Math.abs(gained)).toBeGreaterThan(0.05);
      expect(Math.abs(sum - gained)).toBeLessThan(0.001 * Math.abs(gained));
    }
    await session.dispose();
  });
});
