/** @file Every way in which the service says no: one closed list of codes, one HTTP status for each. */
import { z } from 'zod';

/** Code → HTTP status. Total: a code without a status does not compile. */
export const statusOf = {
  'invalid-json': 400,
  'invalid-request': 400,
  /** Well formed, and something that another service does, but not this one. */
  unsupported: 400,
  unauthorized: 401,
  forbidden: 403,
  'unknown-model': 404,
  'unknown-route': 404,
  'unknown-item': 404,
  'unknown-job': 404,
  'method-not-allowed': 405,
  'request-timeout': 408,
  'model-in-use': 409,
  /** Another reviewer has it, or it is decided. */
  'item-taken': 409,
  'job-unfinished': 409,
  'body-too-large': 413,
  'unsupported-content-type': 415,
  'range-unsatisfiable': 416,
  /** A label, well formed, that the model does not give. */
  'unknown-label': 422,
  /** Several labels, for a model that gives one. */
  'labels-unexpected': 422,
  'too-many-texts': 422,
  'text-too-long': 422,
  'pair-missing': 422,
  'pair-unexpected': 422,
  'model-refused': 422,
  /** An idempotency key that stands for another request. */
  'key-reused': 422,
  'too-many-jobs': 429,
  'queue-full': 429,
  'rate-limited': 429,
  'quota-exceeded': 429,
  'headers-too-large': 431,
  internal: 500,
  'model-failed': 500,
  draining: 503,
  'not-ready': 503,
  'too-many-connections': 503,
  'deadline-exceeded': 503,
  /** What should have been kept is not. */
  'store-unavailable': 503,
  'storage-full': 507,
} as const satisfies Record<string, number>;

export type ServiceErrorCode = keyof typeof statusOf;

export const errorCodes = Object.keys(statusOf) as readonly ServiceErrorCode[];

export const errorResponseSchema = z.object({
  error: z.object({ code: z.enum(errorCodes as [ServiceErrorCode, ...ServiceErrorCode[]]), message: z.string(), fix: z.string() }),
});

export type ErrorResponse = z.infer<typeof errorResponseSchema>;

/** A request that is refused or cannot be answered. `message` says what is wrong, `fix` what the caller can do. */
export class ServiceError extends Error {
  readonly code: ServiceErrorCode;
  readonly fix: string;
  /** Response headers that belong to this answer, such as `retry-after`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The field of the request that is at fault, as `input[2].text`; for protocols that name it apart. */
  readonly field: string | undefined;

  constructor(code: ServiceErrorCode, message: string, fix: string, headers: Readonly<Record<string, string>> = {}, field?: string) {
    super(message);
    this.name = 'ServiceError';
    this.code = code;
    this.fix = fix;
    this.headers = headers;
    this.field = field;
  }
}

/** The JSON body of an error answer. Never holds a stack. */
export function errorResponse({ code, message, fix }: Pick<ServiceError, 'code' | 'message' | 'fix'>): ErrorResponse {
  return { error: { code, message, fix } };
}
