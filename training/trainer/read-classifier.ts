/** @file A classifier of ours, from its run or its bundle, as what another is trained from. */
import { bundleFolders, readBundle } from '../../models/bundle/node.js';
import {
  buildClassifier,
  fromOnnx,
  knownArchitecture,
  limitsOf,
  type Manifest,
  matchWeights,
  type Run,
  storedShapes,
  type Tensor,
  toStored,
  UsageError,
  type Weights,
} from '../../models/index.js';
import { isRun, readRun } from '../../models/run/node.js';
import type { Pretrained } from './pretrained.js';

/** @returns nothing where the folder is neither a run, nor a bundle, nor holds one
 *  @throws UsageError `training/run`, `bundle/…` for one that is damaged or not finished; `weights/invalid` for several bundles */
export async function readClassifier(folder: string): Promise<Pretrained | undefined> {
  if (await isRun(folder)) {
    const { run, tokenizerJson, weights } = await readRun(folder);
    return { ...described(run, folder), tokenizerJson, weights: await weights() };
  }
  const [path, ...others] = await bundleFolders(folder).catch(() => []);
  if (path === undefined) return undefined;
  if (others.length > 0)
    throw new UsageError(
      'weights/invalid',
      `${folder}: there are ${others.length + 1} bundles in it: ${[path, ...others].join(', ')}`,
      'name one of them.',
    );
  const { manifest, tokenizerJson, modelBytes } = await readBundle(path);
  return { ...described(manifest, path), tokenizerJson, weights: weightsOf(manifest, await modelBytes('fp32'), path) };
}

type Described = Pick<Manifest | Run, 'architecture' | 'labels' | 'license' | 'notice'>;

function described({ architecture, labels, license, notice }: Described, where: string) {
  const encoder = knownArchitecture(architecture, where);
  const terms = { ...(license ? { license } : {}), ...(notice ? { notice } : {}) };
  return { encoder, vocabularySize: limitsOf(encoder).vocabulary, classifier: { labels, ...terms } };
}

/** An exported graph holds its weights under their names, in the layout that it multiplies by. */
function weightsOf({ architecture, labels }: Described, model: Uint8Array, where: string): Weights {
  const { parameters } = buildClassifier(knownArchitecture(architecture, where), { labels: labels.length });
  const constants = new Map<string, Tensor>();
  for (const { inputs } of fromOnnx(model).nodes) {
    for (const { name, constant } of inputs) if (constant) constants.set(name, constant);
  }
  const weights = toStored(parameters, constants);
  const { missing, mismatched } = matchWeights(storedShapes(parameters), weights, { prefixes: [] });
  const absent = [...missing, ...mismatched.map(({ name }) => name)];
  if (absent.length === 0) return weights;
  throw new UsageError(
    'weights/invalid',
    `${where}: its graph does not hold ${absent.slice(0, 3).join(', ')} as it was trained`,
    'give the run that it was exported from.',
  );
}
