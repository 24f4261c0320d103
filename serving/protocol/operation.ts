/** @file A route as data, without what answers it: enough for `/openapi.json` to describe it. */
import type { z } from 'zod';

/** Kinds of refusal that an operation can give; which codes each has is in the server's description of itself. */
export type RefusalGroup =
  | 'access'
  | 'body'
  | 'model'
  | 'label'
  | 'texts'
  | 'foreign'
  | 'admin'
  | 'item'
  | 'store'
  | 'job'
  | 'upload'
  | 'range';

export type AnswerForm = z.ZodType | string;

export type Operation = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As OpenAPI writes it: `/v2/models/{model}`. */
  readonly path: string;
  /** In metrics and logs, and as the id of the operation. */
  readonly name: string;
  readonly summary: string;
  /** Scope that a key needs, where keys are asked for; absent: open to everybody. */
  readonly scope?: string;
  /** How clients of this protocol send their key: in the header, or in the query as `?key=`. */
  readonly keyIn?: 'bearer' | 'query';
  /** What parts of the path must be, where that is known. */
  readonly params?: Readonly<Record<string, z.ZodType>>;
  /** Query parameters by name, each with what it is. Others are ignored. */
  readonly query?: Readonly<Record<string, z.ZodType>>;
  /** Headers by name, in lower case. */
  readonly headers?: Readonly<Record<string, z.ZodType>>;
  /** Of a body that is no JSON document: by media type, an example. */
  readonly files?: Readonly<Record<string, string>>;
  /** What the body must be; absent where none is read. */
  readonly request?: z.ZodType;
  readonly example?: unknown;
  /** By status, apart from refusals. A text instead of a schema names a media type other than JSON. */
  readonly answers: Readonly<Record<number, AnswerForm | readonly AnswerForm[]>>;
  readonly refusals: readonly RefusalGroup[];
};
