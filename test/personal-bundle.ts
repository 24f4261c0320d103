/** @file A bundle of the zoo with the graphs that teach its head, made as export makes them, in a folder where Node finds the weights. */
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { personaliseModels } from '../export/personalise/personalise-models.js';
import { readBundle } from '../models/bundle/node.js';
import type { Manifest, Session, TextInput, Tokenizer } from '../models/index.js';
import { createSession } from '../models/runtime/node.js';
import { createTokenizer } from '../models/text/node.js';

export type PersonalBundle = {
  readonly manifest: Manifest;
  readonly tokenizer: Tokenizer;
  readonly model: Uint8Array;
  readonly features: Uint8Array;
  readonly step: Uint8Array;
  /** Of both files, in Node. */
  open(): Promise<{ readonly features: Session; readonly step: Session }>;
  dispose(): Promise<void>;
};

const own = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

export type Line = { readonly text: string; readonly label: string };
/** A file of the examples. */
export const exampleLines = async (name: string): Promise<readonly Line[]> =>
  (await readFile(own(`examples/${name}`), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

/** @param texts what the answers are held to
 *  @param change to the manifest: another activation over the same weights */
export async function personalBundle(name: string, texts: readonly TextInput[], change: Partial<Manifest> = {}): Promise<PersonalBundle> {
  const [version] = await readdir(own(`models/zoo/${name}`));
  const bundle = await readBundle(own(`models/zoo/${name}/${version}`), { verify: false });
  const model = await bundle.modelBytes();
  const tokenizer = createTokenizer(bundle.tokenizerJson);
  const given = { ...bundle.manifest, ...change };
  const made = await personaliseModels({ manifest: given, model, tokenizer, texts });
  if ('impossible' in made) throw new Error(made.impossible);
  const { features, step, entry } = made;
  const listed = { path: entry.step, bytes: step.length, sha256: createHash('sha256').update(step).digest('hex') };
  const manifest = { ...given, personalise: entry, files: [...given.files, listed] };
  const folder = await mkdtemp(join(tmpdir(), 'copydesk-personal-'));
  await Promise.all([
    writeFile(join(folder, 'model.onnx'), model),
    writeFile(join(folder, 'features.onnx'), features),
    writeFile(join(folder, 'personalise.onnx'), step),
  ]);
  return {
    manifest,
    tokenizer,
    model,
    features,
    step,
    open: async () => ({
      features: await createSession(join(folder, 'features.onnx'), { threads: 1 }),
      step: await createSession(join(folder, 'personalise.onnx'), { threads: 1 }),
    }),
    dispose: () => rm(folder, { recursive: true }),
  };
}
