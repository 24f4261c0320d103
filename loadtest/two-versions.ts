/** @file A folder in which a model lies in two versions, and a file with a key that may make them take turns. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export type TwoVersions = {
  readonly folder: string;
  /** The second version, as `name@version`. */
  readonly other: string;
  /** The key itself; the server is started with the file of `options`. */
  readonly key: string;
  /** Options of `copydesk serve` that go with it. */
  readonly options: readonly string[];
  remove(): Promise<void>;
};

const root = fileURLToPath(new URL('..', import.meta.url));
const manifestFile = 'copydesk.json';
type Manifest = { name: string; version: string };

/** @param options of `copydesk serve`: the first model of their `--models`, or what comes with the program, is doubled */
export async function makeTwoVersions(options: readonly string[]): Promise<TwoVersions> {
  const { rest, models, preferred } = modelsOf(options);
  const source = await findBundle(models, preferred);
  const folder = await mkdtemp(join(tmpdir(), 'copydesk-loadtest-'));
  const bundles = join(folder, 'bundles');
  const manifest = JSON.parse(await readFile(join(source, manifestFile), 'utf8')) as Manifest;
  const second = { ...manifest, version: `${manifest.version}-b` };
  for (const { name, version } of [manifest, second]) await cp(source, join(bundles, name, version), { recursive: true });
  await writeFile(join(bundles, second.name, second.version, manifestFile), JSON.stringify(second, null, 2));
  const keys = join(folder, 'keys.json');
  const add = ['keys', 'add', '--file', keys, '--name', 'load test', '--scopes', 'classify,metrics,admin'];
  const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'dist', 'cli', 'main.js'), ...add]);
  return {
    folder: bundles,
    other: `${second.name}@${second.version}`,
    key: stdout.trim(),
    options: ['--models', bundles, '--keys', keys, ...rest],
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Takes `--models` and `--model` out of the options. */
function modelsOf(options: readonly string[]) {
  const rest: string[] = [];
  const models: string[] = [];
  let preferred: string | undefined;
  let into = '';
  for (const option of options) {
    if (option.startsWith('--')) into = option;
    if (into === '--models' && option !== into) models.push(option);
    else if (into === '--model' && option !== into) preferred = option;
    else if (into !== '--models' && into !== '--model') rest.push(option);
  }
  return { rest, models: models.length > 0 ? models : [join(root, 'models', 'zoo')], preferred: preferred ?? 'headlines-en' };
}

/** The folder of the bundle of that name, else of the first. */
async function findBundle(folders: readonly string[], preferred: string): Promise<string> {
  const found: string[] = [];
  for (const folder of folders)
    for (const path of await readdir(folder, { recursive: true }))
      if (path === manifestFile || path.endsWith(`/${manifestFile}`)) found.push(join(folder, dirname(path)));
  const [first] = found.sort();
  if (first === undefined) throw new Error(`there is no bundle in ${folders.join(', ')}`);
  const name = preferred.split('@')[0]!;
  for (const folder of found) if ((JSON.parse(await readFile(join(folder, manifestFile), 'utf8')) as Manifest).name === name) return folder;
  return first;
}
