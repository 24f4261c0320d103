/** @file Perspective's two methods, `comments:analyze` and `comments:suggestscore`; attributes are labels, or mapped to them. */
import { z } from 'zod';
import type { ServedModel } from '../desk/index.js';
import { ServiceError, type ServiceErrorCode, shown, statusOf } from '../protocol/index.js';
import type { Dialect, DialectAnswer, DialectContext, DialectRequest } from './dialect.js';
import { invalidRequest, parseBody, unsupported } from './parse-body.js';
import { discoveryDocument } from './perspective-discovery.js';
import {
  analyzeRequestSchema,
  analyzeResponseSchema,
  googleErrorSchema,
  suggestRequestSchema,
  suggestResponseSchema,
} from './perspective-schemas.js';
import { labelVerdicts } from './scores.js';

const api = { name: 'commentanalyzer', version: 'v1alpha1' } as const;
const key = z.string();

type Response = z.output<typeof analyzeResponseSchema>;

export const perspective: Dialect = {
  name: 'perspective',
  title: 'Perspective',
  owns: /^\/(?:v1alpha1|\$discovery|discovery)\//,
  routes: [
    {
      method: 'POST',
      path: '/v1alpha1/comments:analyze',
      name: 'perspective.analyze',
      summary: 'Scores of a comment for the attributes that are asked for',
      scope: 'classify',
      keyIn: 'query',
      request: analyzeRequestSchema,
      example: { comment: { text: 'The council voted on Tuesday' }, requestedAttributes: { TOXICITY: {} }, languages: ['en'] },
      answers: { 200: analyzeResponseSchema },
      refusals: ['access', 'body', 'texts', 'foreign'],
      answer: analyze,
    },
    {
      method: 'POST',
      path: '/v1alpha1/comments:suggestscore',
      name: 'perspective.suggestscore',
      summary: 'Says what a comment should have scored',
      scope: 'feedback',
      keyIn: 'query',
      request: suggestRequestSchema,
      example: { comment: { text: 'The council voted on Tuesday' }, attributeScores: { TOXICITY: { summaryScore: { value: 0 } } } },
      answers: { 200: suggestResponseSchema },
      refusals: ['access', 'body', 'texts', 'foreign', 'store'],
      answer: suggest,
    },
    {
      method: 'GET',
      path: '/$discovery/rest',
      name: 'perspective.discovery',
      summary: "The discovery document that Google's clients read",
      query: { version: z.literal(api.version), key },
      answers: { 200: z.looseObject({ rootUrl: z.string() }) },
      refusals: ['model'],
      answer: ({ query, origin }) => discovery(api.name, query.get('version') ?? api.version, origin),
    },
    {
      method: 'GET',
      path: '/discovery/v1/apis/{api}/{version}/rest',
      name: 'perspective.discovery-by-name',
      summary: "The same, at the other address that Google's clients know",
      params: { api: z.literal(api.name), version: z.literal(api.version) },
      query: { key },
      answers: { 200: z.looseObject({ rootUrl: z.string() }) },
      refusals: ['model'],
      answer: ({ params, origin }) => discovery(params.api!, params.version!, origin),
    },
  ],
  statusFor,
  refusalSchema: googleErrorSchema,
  refuse: ({ code, message, fix }) => {
    const status = statusFor(code);
    return { body: { error: { code: status, message: `${message}. ${fix}`, status: statusNames[status] ?? nameByClass(status) } } };
  },
};

/** Google has no 422: an argument is invalid. */
function statusFor(code: ServiceErrorCode): number {
  return statusOf[code] === 422 ? 400 : statusOf[code];
}

const statusNames: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  408: 'DEADLINE_EXCEEDED',
  429: 'RESOURCE_EXHAUSTED',
  503: 'UNAVAILABLE',
};
const nameByClass = (status: number): string => (status >= 500 ? 'INTERNAL' : 'INVALID_ARGUMENT');

function discovery(name: string, version: string, origin: string): DialectAnswer {
  if (name === api.name && version === api.version) return { headers: { vary: 'host' }, body: discoveryDocument(origin) };
  throw new ServiceError(
    'unknown-model',
    `there is no API ${shown(name, 'of that name')} ${shown(version, '')}`,
    `this is ${api.name} ${api.version}`,
  );
}

async function analyze({ body }: DialectRequest, { desk, attributes }: DialectContext): Promise<DialectAnswer> {
  const { comment, requestedAttributes, languages, clientToken, doNotStore } = parseBody(analyzeRequestSchema, body);
  checkText(comment.type);
  const model = desk.catalogue.find(undefined);
  const wanted = Object.entries(requestedAttributes).map(([name, { scoreThreshold = 0 }]) => {
    return { name, scoreThreshold, label: labelOf(name, model, attributes()) };
  });
  const { verdicts } = await desk.ask({ model, texts: [comment.text], language: languages?.[0], keep: doNotStore !== true });
  const [verdict] = labelVerdicts(verdicts, model);
  const given = wanted.filter(({ scoreThreshold, label }) => verdict!.scores[label]! >= scoreThreshold);
  const scores = given.map(({ name, label }): [string, Response['attributeScores'][string]] => {
    const summaryScore = { value: verdict!.scores[label]!, type: 'PROBABILITY' } as const;
    return [name, { spanScores: [{ begin: 0, end: comment.text.length, score: summaryScore }], summaryScore }];
  });
  const response: Response = {
    attributeScores: Object.fromEntries(scores),
    ...(languages ? { languages } : {}),
    ...(clientToken === undefined ? {} : { clientToken }),
  };
  return { body: response };
}

async function suggest({ body }: DialectRequest, { desk, attributes, feedback }: DialectContext): Promise<DialectAnswer> {
  const { comment, attributeScores, languages, clientToken, communityId } = parseBody(suggestRequestSchema, body);
  checkText(comment.type);
  const model = desk.catalogue.find(undefined);
  const scores = Object.entries(attributeScores).map(([name, { summaryScore }]) => {
    const label = labelOf(name, model, attributes(), 'attributeScores');
    if (summaryScore) return [label, summaryScore.value] as const;
    throw unsupported(`${shown(name, 'an attribute')} has no summaryScore`, 'suggest a score for the whole comment', 'attributeScores');
  });
  if (!feedback) throw unsupported('this server keeps no suggestions', 'start it with feedback switched on');
  await feedback({ text: comment.text, scores: Object.fromEntries(scores), model: model.key, clientToken, communityId });
  const response: z.output<typeof suggestResponseSchema> = {
    ...(clientToken === undefined ? {} : { clientToken }),
    ...(languages ? { requestedLanguages: languages } : {}),
  };
  return { body: response };
}

function checkText(type: string | undefined): void {
  if (type === 'HTML') throw unsupported('a comment in HTML would be read with its tags', 'send it as PLAIN_TEXT', 'comment.type');
}

/** @throws ServiceError `invalid-request` for what is neither a label of the model nor mapped to one */
function labelOf(
  name: string,
  { manifest, key }: ServedModel,
  attributes: Readonly<Record<string, string>>,
  field = 'requestedAttributes',
): string {
  const label = Object.hasOwn(attributes, name) ? attributes[name]! : name;
  if (manifest.labels.includes(label)) return label;
  const known = [...Object.keys(attributes).filter((attribute) => manifest.labels.includes(attributes[attribute]!)), ...manifest.labels];
  const what = `the attribute ${shown(name, 'that was asked for')} is not known here`;
  throw invalidRequest(
    what,
    `${key} has ${known.join(', ')}; more can be mapped to its labels under "attributes" of the policy file`,
    field,
  );
}
