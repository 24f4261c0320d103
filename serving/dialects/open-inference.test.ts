import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LabelVerdict } from '../../models/index.js';
import { type RunningServer, startServer } from '../http/index.js';
import { otherText, text, writeDialectModels } from '../testing/dialect-server.js';
import { classify } from '../testing/http.js';

let files: Awaited<ReturnType<typeof writeDialectModels>>;
let server: RunningServer;

beforeAll(async () => {
  files = await writeDialectModels();
  server = await startServer({ models: files.models, port: 0, workers: 1, logLevel: 'silent', page: '/nowhere', limits: { texts: 20 } });
});
afterAll(async () => {
  await server.close();
  await files.remove();
});

type Answer = { readonly status: number; readonly headers: Headers; readonly bytes: Buffer; readonly body: Record<string, unknown> };

async function speak(path: string, body?: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(`${server.url}${path}`, body === undefined ? {} : { method: 'POST', headers, body });
  const bytes = Buffer.from(await response.arrayBuffer());
  const length = Number(response.headers.get('inference-header-content-length') ?? bytes.length);
  return { status: response.status, headers: response.headers, bytes, body: JSON.parse(String(bytes.subarray(0, length))) };
}
const infer = (body: object, model = 'sample') => speak(`/v2/models/${model}/infer`, JSON.stringify(body));

const input = (data: unknown[], rest: object = {}) => ({ name: 'text', datatype: 'BYTES', shape: [data.flat(9).length], data, ...rest });
const verdictOf = async (one: string, model?: string) => (await classify(server.url, { text: one, model })).body as unknown as LabelVerdict;

describe('tensors in JSON', () => {
  test('texts: labels, scores in the order of the model, decisions; the id comes back', async () => {
    const { status, body } = await infer({ id: 'story-17', inputs: [input([text, otherText])] });
    const [first, second] = [await verdictOf(text), await verdictOf(otherText)];
    const scores = [first, second].flatMap(({ scores }) => [scores.clickbait!, scores.news!]);
    expect(status).toBe(200);
    expect(body).toEqual({
      model_name: 'sample',
      model_version: 'v1',
      id: 'story-17',
      outputs: [
        { name: 'label', datatype: 'BYTES', shape: [2], data: [first.label, second.label] },
        {
          name: 'scores',
          datatype: 'FP32',
          shape: [2, 2],
          parameters: { labels: '["clickbait","news"]' },
          data: scores.map((score) => expect.closeTo(score, 6)),
        },
        { name: 'decision', datatype: 'BYTES', shape: [2], data: [first.decision, second.decision] },
      ],
    });
  });

  test('nested data, another name for the texts, one output, the highest labels by classification', async () => {
    const outputs = [{ name: 'scores', parameters: { classification: 1 } }];
    const { body } = await infer({ inputs: [{ ...input([[text], [otherText]], { shape: [2, 1] }), name: 'args' }], outputs });
    const [first, second] = [await verdictOf(text), await verdictOf(otherText)];
    const data = [first, second].map(({ label, score }) => `${score.toFixed(6)}:${label === 'clickbait' ? 0 : 1}:${label}`);
    expect(body.outputs).toEqual([{ name: 'scores', datatype: 'BYTES', shape: [2, 1], data }]);
  });

  test('pairs are two inputs of one length; a regression has scores and no label', async () => {
    const pair = { ...input([otherText]), name: 'pair' };
    expect((await infer({ inputs: [pair, input([text])] }, 'pairs')).status).toBe(200);
    const { body } = await infer({ inputs: [input([text])] }, 'values');
    expect((body.outputs as { name: string }[]).map(({ name }) => name)).toEqual(['scores', 'decision']);
  });

  test.each<[string, object, RegExp]>([
    ['no input', { inputs: [] }, /inputs/],
    ['an input of numbers', { inputs: [{ name: 'text', datatype: 'INT64', shape: [1], data: [1] }] }, /inputs\[0\]\.datatype.*BYTES/],
    ['a number among texts', { inputs: [input(['a', 5])] }, /other than strings/],
    ['a shape that does not fit', { inputs: [input(['a'], { shape: [2] })] }, /shape is \[2\] but there are 1/],
    ['an unknown output', { inputs: [input(['a'])], outputs: [{ name: 'logits' }] }, /no output "logits".*label, scores, decision/],
    ['no data', { inputs: [{ name: 'text', datatype: 'BYTES', shape: [1] }] }, /neither data nor binary_data_size/],
    ['no text', { inputs: [input([])] }, /there is no text/],
    ['shared memory', { inputs: [input(['a'], { parameters: { shared_memory_region: 'r' } })] }, /shared memory/],
    ['inputs that nobody knows', { inputs: [input(['a']), { ...input(['a']), name: 'other' }] }, /inputs are not what they should be/],
    ['inputs of one name', { inputs: [input(['a']), input(['a'])] }, /one name/],
    ['too many texts', { inputs: [input(Array.from({ length: 21 }, () => 'a'))] }, /21 texts/],
  ])('%s: refused with its error', async (_what, body, message) => {
    const answer = await infer(body);
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({ error: expect.stringMatching(message) });
  });
});

describe('tensors in binary, behind the JSON', () => {
  const element = (one: string | Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(Buffer.from(one).length);
    return Buffer.concat([length, Buffer.from(one)]);
  };
  const binary = (tail: Buffer, size = tail.length, count = 1, rest: object = {}) => {
    const tensor = { name: 'text', datatype: 'BYTES', shape: [count], parameters: { binary_data_size: size } };
    const json = Buffer.from(JSON.stringify({ inputs: [tensor], ...rest }));
    const headers = { 'inference-header-content-length': String(json.length) };
    return speak('/v2/models/sample/infer', Uint8Array.from(Buffer.concat([json, tail])), headers);
  };

  test('both ways: what comes back is what JSON would have said', async () => {
    const texts = [text, 'naïve 台风 🚨', ''];
    const rest = { parameters: { binary_data_output: true }, outputs: [{ name: 'label' }, { name: 'scores' }] };
    const { headers, bytes, body } = await binary(Buffer.concat(texts.map(element)), undefined, 3, rest);
    const inJson = (await infer({ inputs: [input(texts)] })).body.outputs as { data: unknown[] }[];
    expect(headers.get('content-type')).toBe('application/octet-stream');
    const [labels, scores] = body.outputs as { parameters: { binary_data_size: number }; data?: unknown }[];
    expect(labels!.data).toBeUndefined();
    const tail = bytes.subarray(Number(headers.get('inference-header-content-length')));
    const size = labels!.parameters.binary_data_size;
    expect(tail.subarray(0, size)).toEqual(Buffer.concat((inJson[0]!.data as string[]).map(element)));
    expect(scores!.parameters.binary_data_size).toBe(4 * 3 * 2);
    const floats = Array.from({ length: 6 }, (_, i) => tail.readFloatLE(size + 4 * i));
    expect(floats).toEqual((inJson[1]!.data as number[]).map((score) => expect.closeTo(score, 6)));
  });

  test.each<[string, () => Promise<Answer>, RegExp]>([
    ['a length that is cut', () => binary(Buffer.from([1, 0])), /middle of an element/],
    ['a text that is cut', () => binary(element('harbour').subarray(0, 8)), /middle of an element/],
    ['a length beyond all', () => binary(Buffer.from([255, 255, 255, 255, 1])), /middle of an element/],
    ['less than was named', () => binary(element('a'), 50), /middle of an element/],
    [
      'more than was named',
      () => binary(Buffer.concat([element('a'), element('b')]), 5),
      /10 bytes follow the JSON, of which the inputs name 5/,
    ],
    ['a size that is no number', () => binary(element('a'), 2.5), /middle of an element/],
    ['bytes that are no text', () => binary(element(Buffer.from([0xff]))), /element 0 is not UTF-8/],
    [
      'a header that is no length',
      () => speak('/v2/models/sample/infer', '{}', { 'inference-header-content-length': '9' }),
      /is 9, of a body of 2 bytes/,
    ],
  ])('%s: refused with its error', async (_what, ask, message) => {
    const answer = await ask();
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({ error: expect.stringMatching(message) });
  });
});

describe('what can be asked of it beside', () => {
  test('server, models and versions', async () => {
    expect((await speak('/v2')).body).toMatchObject({ name: 'copydesk', extensions: ['classification', 'binary_tensor_data'] });
    expect((await speak('/v2/health/live')).body).toEqual({ live: true });
    expect((await speak('/v2/health/ready')).body).toEqual({ ready: true });
    for (const path of ['/v2/models/pairs', '/v2/models/pairs/versions/v1']) {
      expect((await speak(path)).body).toMatchObject({ name: 'pairs', versions: ['v1'], inputs: [{ name: 'text' }, { name: 'pair' }] });
      expect((await speak(`${path}/ready`)).body).toEqual({ name: 'pairs', ready: true });
    }
    expect((await speak('/v2/models/topics')).body).toMatchObject({
      outputs: [{ name: 'label' }, { shape: [-1, 3] }, { name: 'decision' }],
    });
  });

  test.each([
    ['/v2/models/smaple', 404, /no model "smaple"/],
    ['/v2/models/sample/versions/v9/ready', 404, /no model "sample@v9"/],
    ['/v2/models/sample/config', 404, /nothing at/],
    ['/v2/models/sample/infer', 405, /GET is not answered/],
  ])('%s: %i in its words', async (path, status, message) => {
    const answer = await speak(path);
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({ error: expect.stringMatching(message) });
  });
});
