/** @file What a person taught a model, as bytes: a safetensors file that says which bundle it belongs to. */
import { type Manifest, parseSafetensors, serializeSafetensors, UsageError } from '../../models/index.js';

export type Owner = Pick<Manifest, 'name' | 'version' | 'files' | 'personalise'>;

export type PersonalState = {
  /** [parameters] */
  readonly change: Float32Array;
  /** How many it was learnt from. */
  readonly corrections: number;
};

const format = 'copydesk-personal';

/** The same bytes for the same state: nothing in it depends on the clock. */
export const toStateBytes = ({ change, corrections }: PersonalState, owner: Owner): Uint8Array =>
  serializeSafetensors(new Map([['change', { type: 'float32', dims: [change.length], data: change }]]), {
    format,
    corrections: String(corrections),
    ...ownerOf(owner),
  });

/** @throws UsageError `weights/invalid` for bytes that are no such file, or of another bundle, or of another version of this one */
export function fromStateBytes(bytes: Uint8Array, owner: Owner): PersonalState {
  const { weights, metadata } = parseSafetensors(bytes, where);
  const change = weights.get('change');
  if (metadata.format !== format || change?.type !== 'float32')
    throw invalid('it is a safetensors file, but not of a personal head', 'give the bytes that toBytes() gave.');
  const wanted = ownerOf(owner);
  if (metadata.bundle !== wanted.bundle)
    throw invalid(
      `it was learnt on ${metadata.bundle}, and this is ${wanted.bundle}`,
      'learn again from the corrections, which are good for any version; or open the bundle that it was learnt on.',
    );
  if (metadata.step !== wanted.step || change.dims.join() !== String(owner.personalise?.parameters))
    throw invalid(`it was learnt by another step of ${wanted.bundle}`, 'learn again from the corrections.');
  const values = Float32Array.from(change.data as Float32Array);
  if (!values.every(Number.isFinite)) throw invalid('it holds numbers that are none', 'learn again from the corrections.');
  return { change: values, corrections: Number(metadata.corrections) || 0 };
}

const where = 'personal head';

/** What a change is worth nothing without: the head that it was made to, and the order of its numbers. */
function ownerOf({ name, version, files, personalise }: Owner): { readonly bundle: string; readonly step: string } {
  return { bundle: `${name}@${version}`, step: files.find(({ path }) => path === personalise?.step)?.sha256 ?? '' };
}

const invalid = (what: string, fix: string): UsageError => new UsageError('weights/invalid', `${where}: ${what}`, fix);
