/** @file Perspective in the words of Google's discovery service: what its clients build their methods from. */

/** @param origin where the client found it, and where its methods are */
export function discoveryDocument(origin: string): object {
  return {
    kind: 'discovery#restDescription',
    discoveryVersion: 'v1',
    id: 'commentanalyzer:v1alpha1',
    name: 'commentanalyzer',
    version: 'v1alpha1',
    title: 'Perspective Comment Analyzer API',
    description: 'Scores of comments, answered by Copydesk.',
    protocol: 'rest',
    rootUrl: `${origin}/`,
    servicePath: '',
    baseUrl: `${origin}/`,
    basePath: '',
    batchPath: 'batch',
    parameters: {
      alt: { type: 'string', location: 'query', default: 'json', enum: ['json'] },
      fields: { type: 'string', location: 'query' },
      key: { type: 'string', location: 'query', description: 'A key of this server, where it asks for one.' },
      prettyPrint: { type: 'boolean', location: 'query', default: 'true' },
      quotaUser: { type: 'string', location: 'query' },
    },
    schemas,
    resources: {
      comments: {
        methods: {
          analyze: method('analyze', 'AnalyzeComment', 'Scores of a comment for the attributes that are asked for.'),
          suggestscore: method('suggestscore', 'SuggestCommentScore', 'Says what a comment should have scored.'),
        },
      },
    },
  };
}

function method(name: string, schema: string, description: string): object {
  return {
    id: `commentanalyzer.comments.${name}`,
    path: `v1alpha1/comments:${name}`,
    flatPath: `v1alpha1/comments:${name}`,
    httpMethod: 'POST',
    description,
    parameters: {},
    parameterOrder: [],
    request: { $ref: `${schema}Request` },
    response: { $ref: `${schema}Response` },
  };
}

const string = { type: 'string' };
const strings = { type: 'array', items: string };
const integer = { type: 'integer', format: 'int32' };
const float = { type: 'number', format: 'float' };
const ref = (name: string) => ({ $ref: name });
const arrayOf = (name: string) => ({ type: 'array', items: ref(name) });
const mapOf = (name: string) => ({ type: 'object', additionalProperties: ref(name) });
const object = (id: string, properties: object) => [id, { id, type: 'object', properties }] as const;

const both = { clientToken: string };
const asked = { ...both, comment: ref('TextEntry'), context: ref('Context'), languages: strings, communityId: string, sessionId: string };

const schemas = Object.fromEntries([
  object('TextEntry', { text: string, type: string }),
  object('ArticleAndParentComment', { article: ref('TextEntry'), parentComment: ref('TextEntry') }),
  object('Context', { entries: arrayOf('TextEntry'), articleAndParentComment: ref('ArticleAndParentComment') }),
  object('AttributeParameters', { scoreType: string, scoreThreshold: float }),
  object('Score', { value: float, type: string }),
  object('SpanScore', { begin: integer, end: integer, score: ref('Score') }),
  object('AttributeScores', { summaryScore: ref('Score'), spanScores: arrayOf('SpanScore') }),
  object('AnalyzeCommentRequest', {
    ...asked,
    requestedAttributes: mapOf('AttributeParameters'),
    spanAnnotations: { type: 'boolean' },
    doNotStore: { type: 'boolean' },
  }),
  object('AnalyzeCommentResponse', { ...both, attributeScores: mapOf('AttributeScores'), languages: strings, detectedLanguages: strings }),
  object('SuggestCommentScoreRequest', { ...asked, attributeScores: mapOf('AttributeScores') }),
  object('SuggestCommentScoreResponse', { ...both, requestedLanguages: strings, detectedLanguages: strings }),
]);
