import { afterAll, beforeAll, expect } from 'vitest';
import type { LabelVerdict } from '../models/index.js';
import { type RunningServer, startServer } from '../serving/index.js';
import { otherText, text, writeDialectModels } from '../serving/testing/dialect-server.js';
import { classify } from '../serving/testing/http.js';
import { pythonTest, runPython } from './python.js';

let files: Awaited<ReturnType<typeof writeDialectModels>>;
let server: RunningServer;
beforeAll(async () => {
  files = await writeDialectModels();
  const { models, policy } = files;
  server = await startServer({ models, policy, port: 0, workers: 1, logLevel: 'silent', page: '/nowhere' });
});
afterAll(async () => {
  await server.close();
  await files.remove();
});

const verdictOf = async (one: string) => (await classify(server.url, { text: one })).body as unknown as LabelVerdict;

type Read = { readonly id: string; readonly labels: readonly string[]; readonly scores: readonly (readonly number[])[] };
type Refused = { readonly status: string; readonly message: string };
type Triton = { readonly binary: Read; readonly json: Read; readonly mixed: Read; readonly top: readonly string[] } & {
  readonly [K in 'live' | 'ready' | 'modelReady' | 'unknownReady']: boolean;
} & { readonly [K in 'unknownModel' | 'config' | 'compressed']: Refused } & { readonly [K in 'server' | 'model']: object };

pythonTest(
  "NVIDIA's tritonclient, unmodified: inference in binary and JSON, metadata, errors",
  ['tritonclient', 'geventhttpclient'],
  async () => {
    const texts = [text, otherText, 'naïve 台风 🚨'];
    const answer = await runPython<Triton>('triton_client.py', new URL(server.url).host, JSON.stringify(texts));
    const verdicts = await Promise.all(texts.map(verdictOf));
    expect(answer).toMatchObject({ live: true, ready: true, modelReady: true, unknownReady: false });
    expect(answer.server).toMatchObject({ name: 'copydesk' });
    expect(answer.model).toMatchObject({ name: 'sample', versions: ['v1'], inputs: [{ name: 'text', datatype: 'BYTES', shape: [-1] }] });
    for (const { id, labels, scores } of [answer.binary, answer.json, answer.mixed]) {
      expect(id).toBe('story-17');
      expect(labels).toEqual(verdicts.map(({ label }) => label));
      expect(scores).toEqual(verdicts.map(({ scores }) => [expect.closeTo(scores.clickbait!, 6), expect.closeTo(scores.news!, 6)]));
    }
    expect(answer.top.map((line) => line.split(':')[2])).toEqual(answer.binary.labels);
    expect(answer.unknownModel).toEqual({ status: '404', message: expect.stringContaining('there is no model "smaple"') });
    expect(answer.config).toEqual({ status: '404', message: expect.stringContaining('there is nothing at "/v2/models/sample/config"') });
    expect(answer.compressed).toEqual({ status: '415', message: expect.stringContaining('the body is compressed') });
  },
);

type Analyzed = {
  readonly attributeScores: Record<string, { readonly summaryScore: { readonly value: number } }>;
  readonly clientToken: string;
};
type Google = { readonly analyzed: Analyzed; readonly unknown: object; readonly suggested: object };

pythonTest("Google's Python client, unmodified but for the address of the discovery document", ['googleapiclient'], async () => {
  const { analyzed, unknown, suggested } = await runPython<Google>('perspective_client.py', server.url, text);
  expect(analyzed.attributeScores.TOXICITY!.summaryScore.value).toBeCloseTo((await verdictOf(text)).scores.clickbait!, 6);
  expect(analyzed.clientToken).toBe('story-17');
  expect(unknown).toEqual({ status: 400, reason: expect.stringContaining('the attribute "SPAM" is not known here') });
  expect(suggested).toEqual({ status: 400, reason: expect.stringContaining('keeps no suggestions') });
});
