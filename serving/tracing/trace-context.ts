/**
 * @file Where a request belongs in a trace, as its `traceparent` and `tracestate` say (W3C Trace Context, level 1). What is not well formed is as if
 * it had not been sent, as the standard wants it.
 */
import type { IncomingHttpHeaders } from 'node:http';

export type TraceContext = {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits: the caller's own span. */
  readonly spanId: string;
  readonly sampled: boolean;
  /** What other tracing systems have to say to themselves. */
  readonly state?: string;
};

export function traceContextOf({ traceparent, tracestate }: IncomingHttpHeaders): TraceContext | undefined {
  const [, version, traceId = '', spanId = '', flags = '', more] = (typeof traceparent === 'string' && form.exec(traceparent)) || [];
  if (version === undefined || version === 'ff' || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  // Of later versions the beginning is known; they may go on.
  if (version === '00' && more !== undefined) return undefined;
  const state = typeof tracestate === 'string' ? checkedState(tracestate) : undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1, ...(state === undefined ? {} : { state }) };
}

/** Two headers of the name arrive joined by a comma, and are not well formed. */
const form = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;

const key = /^(?:[a-z][a-z\d_*/-]{0,255}|[a-z\d][a-z\d_*/-]{0,240}@[a-z][a-z\d_*/-]{0,13})$/;
const value = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;
const mostMembers = 32;
/** As many characters as everybody must pass on. */
const mostCharacters = 512;

/** Of one that is too long, long members go first, then the last ones. */
function checkedState(header: string): string | undefined {
  let members = header.split(',').map((member) => member.replace(/^[ \t]+|[ \t]+$/g, '')).filter(Boolean); // biome-ignore format: short
  const keys = members.map((member) => member.slice(0, Math.max(0, member.indexOf('='))));
  if (members.length > mostMembers || new Set(keys).size < keys.length) return undefined;
  if (!members.every((member, i) => key.test(keys[i]!) && value.test(member.slice(keys[i]!.length + 1)))) return undefined;
  if (members.join(',').length > mostCharacters) members = members.filter(({ length }) => length <= 128);
  while (members.join(',').length > mostCharacters) members.pop();
  return members.length > 0 ? members.join(',') : undefined;
}
