/** @file The text of a `copydesk.json` to a manifest that can be relied on. Safe in a browser. */
import { UsageError } from '../errors.js';
import { checkBundlePath } from './bundle-path.js';
import { type Manifest, manifestSchema, manifestVersion } from './manifest.js';

export const manifestFile = 'copydesk.json';

/**
 * Parses and checks a manifest: its schema, its paths, and that its parts agree with each other.
 *
 * @param where the file's path or address, for the messages
 * @throws UsageError `bundle/invalid`, `bundle/newer` or `bundle/path`
 */
export function parseManifest(text: string, where: string): Manifest {
  const raw = parseObject(text, where);
  const { schemaVersion } = raw;
  if (typeof schemaVersion === 'number' && schemaVersion > manifestVersion) {
    throw new UsageError(
      'bundle/newer',
      `${where}: it is written in version ${schemaVersion} of the bundle format; this program reads up to ${manifestVersion}`,
      'update copydesk, or export the model again with this version.',
    );
  }
  const parsed = manifestSchema.safeParse(raw);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const at = issue?.path.length ? `${issue.path.join('.')}: ` : '';
    throw invalid(where, `${at}${issue?.message ?? 'it does not fit the schema'}`);
  }
  checkAgreement(parsed.data, where);
  return parsed.data;
}

function parseObject(text: string, where: string): Record<string, unknown> {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    throw invalid(where, `it is not JSON (${(error as Error).message})`);
  }
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw invalid(where, 'it is not a JSON object');
  return raw as Record<string, unknown>;
}

function checkAgreement(
  { labels, policy, thresholds = {}, activation, files, models, explain, personalise }: Manifest,
  where: string,
): void {
  const twice = firstDuplicate(labels) ?? firstDuplicate(files.map(({ path }) => path));
  if (twice !== undefined) throw invalid(where, `${JSON.stringify(twice)} is listed twice`);
  for (const { path } of files) checkBundlePath(path, where);
  const listed = new Set(files.map(({ path }) => path));
  for (const [precision, path] of Object.entries(models)) {
    if (path === undefined) continue;
    if (!listed.has(checkBundlePath(path, where))) throw invalid(where, `models.${precision} is ${path}, which is not among its files`);
  }
  if (explain !== undefined && !listed.has(checkBundlePath(explain, where)))
    throw invalid(where, `explain is ${explain}, which is not among its files`);
  for (const part of ['features', 'step'] as const) {
    const path = personalise?.[part];
    if (path !== undefined && !listed.has(checkBundlePath(path, where)))
      throw invalid(where, `personalise.${part} is ${path}, which is not among its files`);
  }
  for (const [part, named] of Object.entries({ policy: policy.labels, thresholds })) {
    const [first] = Object.keys(named);
    if (first !== undefined && !partsOf[activation].includes(part))
      throw invalid(where, `it has ${part} with the activation ${activation}`);
    const stranger = Object.keys(named).find((label) => !labels.includes(label));
    if (stranger !== undefined)
      throw invalid(where, `${part} names ${JSON.stringify(stranger)}, which is not one of the labels [${labels.join(', ')}]`);
  }
}

/** Where scores mean something: one label is the answer by its rank, each of several by its threshold; values are held to nothing. */
const partsOf: { readonly [A in Manifest['activation']]: readonly string[] } = {
  softmax: ['policy'],
  sigmoid: ['policy', 'thresholds'],
  none: [],
};

function firstDuplicate(values: readonly string[]): string | undefined {
  return values.find((value, i) => values.indexOf(value) !== i);
}

function invalid(where: string, what: string): UsageError {
  return new UsageError('bundle/invalid', `${where}: ${what}`, 'get the bundle again from its source, or export it again.');
}
