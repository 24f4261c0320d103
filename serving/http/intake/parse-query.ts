/** @file A query, checked by the schemas that describe it. */
import type { Request } from 'express';
import { z } from 'zod';
import { parseBody } from '../../dialects/index.js';

/** Names that are not known are ignored, as are all but the first of a name. @throws ServiceError `invalid-request` */
export function parseQuery<S extends z.core.$ZodLooseShape>(shape: S, { url }: Request): z.output<z.ZodObject<S>> {
  const at = url.indexOf('?');
  const given = new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
  const values = Object.entries(shape).flatMap(([name, schema]) => {
    const text = given.get(name);
    return text === null ? [] : [[name, z.safeParse(schema, text).success || !/^-?\d+$/.test(text) ? text : Number(text)]];
  });
  return parseBody(z.object(shape), Object.fromEntries(values)) as z.output<z.ZodObject<S>>;
}
