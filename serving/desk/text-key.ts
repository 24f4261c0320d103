/** @file When two texts are the same question: the same bundle, read by the same rules, and the same text to the last code unit. */
import { createHash } from 'node:crypto';
import type { TextInput } from '../../models/index.js';
import type { ServedModel } from './catalogue.js';

/** By identity: a model that is loaded again is another object, and is hashed again. */
const bundleHashes = new WeakMap<ServedModel, string>();

/**
 * What the logits depend on, as one hash: the file that runs and how texts are read. From the hashes in the manifest, which were
 * verified when the bundle was loaded; name and version say too little, for a version may be given by hand.
 */
export function bundleHash(model: ServedModel): string {
  const known = bundleHashes.get(model);
  if (known) return known;
  const { files, text } = model.manifest;
  const parts = [model.key, model.modelPath, text, files.map(({ path, sha256 }) => [path, sha256])];
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
  bundleHashes.set(model, hash);
  return hash;
}

/** A hash, so that whoever keeps it keeps no text. Over UTF-16: in UTF-8 all halves of surrogate pairs would be one. */
export function textKey(model: ServedModel, input: TextInput): string {
  const [first, second] = typeof input === 'string' ? [input] : input;
  const hash = createHash('sha256').update(`${bundleHash(model)} ${second === undefined ? '' : first.length} `);
  hash.update(Buffer.from(second === undefined ? first : first + second, 'utf16le'));
  return hash.digest('base64url');
}
