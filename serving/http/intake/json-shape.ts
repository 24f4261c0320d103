/** @file How deep and how many: what a JSON body would come to, found before it is parsed. */
import { ServiceError } from '../../protocol/index.js';

export type JsonBounds = {
  /** Arrays and objects inside one another. */
  readonly depth: number;
  /** Numbers, strings, members and so on, together. */
  readonly values: number;
};

const [quote, comma, openArray, backslash, closeArray, openObject, closeObject] = [0x22, 0x2c, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d] as const;

/**
 * A megabyte of `[1,1,1,…` is parsed and checked against a schema in seconds, during which nobody else is answered; this takes two
 * milliseconds. Says nothing of whether the bytes are JSON.
 *
 * @throws ServiceError `invalid-request` or `too-many-texts`
 */
export function checkJsonShape(bytes: Uint8Array, { depth, values }: JsonBounds): void {
  let deep = 0;
  let count = 1;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === quote) i = endOfString(bytes, i);
    else if (byte === comma) count++;
    else if (byte === openArray || byte === openObject) {
      count++;
      if (++deep > depth)
        throw new ServiceError('invalid-request', `arrays and objects are nested more than ${depth} deep`, 'send them flat');
    } else if (byte === closeArray || byte === closeObject) deep--;
    if (count > values)
      throw new ServiceError('too-many-texts', `the request holds more than ${values} values`, 'send texts in several requests');
  }
}

function endOfString(bytes: Uint8Array, start: number): number {
  let i = start + 1;
  while (i < bytes.length && bytes[i] !== quote) i += bytes[i] === backslash ? 2 : 1;
  return i;
}
