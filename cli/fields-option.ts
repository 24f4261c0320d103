/** @file `--fields`: what a file calls its fields, as `data.fields` says it in a config. */
import { Option } from 'commander';
import { nearest, UsageError } from '../models/index.js';
import { type Fields, fieldsSchema } from '../training/index.js';

/** `--fields text=question,pair=reply`; its value is what the file calls each. */
export const fieldsOption = (): Option =>
  new Option(
    '--fields <list>',
    'what the file calls its fields, e.g. text=question,pair=reply; labels=a|b|c where each label has a column',
  ).argParser(fieldsOf);

function fieldsOf(list: string): Fields {
  return Object.fromEntries(list.split(',').map((one) => ownAndTheirs(one.trim())));
}

const known = Object.keys(fieldsSchema.shape);

const several: readonly string[] = ['labels', 'value'];

function ownAndTheirs(given: string): readonly [string, string | readonly string[]] {
  const [own = '', theirs = ''] = given.split(/=(.*)/);
  if (known.includes(own) && theirs !== '') return [own, several.includes(own) && theirs.includes('|') ? theirs.split('|') : theirs];
  const meant = theirs === '' ? undefined : nearest(own, known);
  const fix = meant ? `did you mean ${meant}=${theirs}?` : `write NAME=FIELD, NAME being one of ${known.join(', ')}.`;
  throw new UsageError('usage/argument', `--fields: ${JSON.stringify(given)} names no field of ours`, fix);
}
