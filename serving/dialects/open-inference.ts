/** @file Open Inference Protocol v2, as Triton's and KServe's clients speak it. */
import { z } from 'zod';
import type { Catalogue, ServedModel } from '../desk/index.js';
import { type Operation, type ServiceErrorCode, statusOf } from '../protocol/index.js';
import type { Dialect, DialectRoute } from './dialect.js';
import { infer, inferRequestSchema, inferResponseSchema, outputNames } from './open-inference-infer.js';

const tensorMetadata = z.object({
  name: z.string(),
  datatype: z.enum(['BYTES', 'FP32']),
  /** −1: any number. */
  shape: z.array(z.number().int()),
  parameters: z.object({ labels: z.string() }).optional(),
});

const modelMetadataSchema = z.object({
  name: z.string(),
  versions: z.array(z.string()),
  platform: z.literal('onnx_onnxv1'),
  inputs: z.array(tensorMetadata),
  outputs: z.array(tensorMetadata),
});

const liveSchema = z.object({ live: z.literal(true) });
const readySchema = z.object({ ready: z.boolean() });
const serverSchema = z.object({ name: z.string(), version: z.string(), extensions: z.array(z.string()) });
const modelReadySchema = z.object({ name: z.string(), ready: z.boolean() });

type Read = Pick<Operation, 'summary'> & Pick<DialectRoute, 'scope' | 'answers' | 'answer' | 'refusals'>;
const get = (path: string, name: string, rest: Read): DialectRoute => ({ method: 'GET', path, name: `open-inference.${name}`, ...rest });

/** A model by its name alone, and by name and version. */
const places = [
  { path: '/v2/models/{model}', suffix: '' },
  { path: '/v2/models/{model}/versions/{version}', suffix: '-version' },
] as const;

export const openInference: Dialect = {
  name: 'open-inference',
  title: 'Open Inference Protocol v2',
  owns: /^\/v2(?:\/|$)/,
  routes: [
    get('/v2/health/live', 'live', {
      summary: 'Whether the server runs',
      answers: { 200: liveSchema },
      refusals: [],
      answer: () => ({ body: { live: true } }),
    }),
    get('/v2/health/ready', 'ready', {
      summary: 'Whether every model can be asked',
      answers: { 200: readySchema, 503: readySchema },
      refusals: [],
      answer: (_request, { ready }) => ({ status: ready() ? 200 : 503, body: { ready: ready() } }),
    }),
    get('/v2', 'server', {
      summary: 'What this server is',
      answers: { 200: serverSchema },
      refusals: [],
      answer: (_request, { version }) => ({
        body: { name: 'copydesk', version, extensions: ['classification', 'binary_tensor_data'] },
      }),
    }),
    ...places.flatMap(({ path, suffix }) => [
      get(path, `model${suffix}`, {
        summary: 'What a model wants and gives',
        scope: 'classify',
        answers: { 200: modelMetadataSchema },
        refusals: ['access', 'model'],
        answer: ({ params }, { desk }) => ({ body: metadata(findModel(desk.catalogue, params), desk.catalogue) }),
      }),
      get(`${path}/ready`, `model-ready${suffix}`, {
        summary: 'Whether a model can be asked',
        answers: { 200: modelReadySchema, 503: modelReadySchema },
        refusals: ['model'],
        answer: ({ params }, { desk, ready }) => ({
          status: ready() ? 200 : 503,
          body: { name: findModel(desk.catalogue, params).manifest.name, ready: ready() },
        }),
      }),
      {
        method: 'POST',
        path: `${path}/infer`,
        name: `open-inference.infer${suffix}`,
        summary: 'Labels, scores and decisions of texts',
        scope: 'classify',
        request: inferRequestSchema,
        jsonLengthHeader: 'inference-header-content-length',
        example: { inputs: [{ name: 'text', shape: [1], datatype: 'BYTES', data: ['The council voted on Tuesday'] }] },
        answers: { 200: [inferResponseSchema, 'application/octet-stream'] },
        refusals: ['access', 'body', 'model', 'texts', 'foreign'],
        answer: (request, context) => infer(request, findModel(context.desk.catalogue, request.params), context),
      } satisfies DialectRoute,
    ]),
  ],
  statusFor,
  refusalSchema: z.object({ error: z.string() }),
  refuse: ({ message, fix }) => ({ body: { error: `${message}. ${fix}` } }),
};

/** Its clients expect 400 for whatever is wrong with a request. */
function statusFor(code: ServiceErrorCode): number {
  return statusOf[code] === 422 ? 400 : statusOf[code];
}

function findModel(catalogue: Catalogue, { model, version }: Readonly<Record<string, string>>): ServedModel {
  return catalogue.find(version === undefined ? model : `${model}@${version}`);
}

function metadata(model: ServedModel, { models }: Catalogue): z.output<typeof modelMetadataSchema> {
  const { name, labels, text } = model.manifest;
  const outputs = {
    label: { name: 'label', datatype: 'BYTES', shape: [-1] },
    scores: { name: 'scores', datatype: 'FP32', shape: [-1, labels.length], parameters: { labels: JSON.stringify(labels) } },
    decision: { name: 'decision', datatype: 'BYTES', shape: [-1] },
  } as const;
  return {
    name,
    versions: models.filter(({ manifest }) => manifest.name === name).map(({ manifest }) => manifest.version),
    platform: 'onnx_onnxv1',
    inputs: (text.input === 'pair' ? ['text', 'pair'] : ['text']).map((input) => ({ name: input, datatype: 'BYTES', shape: [-1] })),
    outputs: outputNames(model).map((output) => ({ ...outputs[output], shape: [...outputs[output].shape] })),
  };
}
