/** @file `copydesk export BUNDLE --target …`: a bundle as another server wants its models laid out. */
import { exportTriton } from '../export/index.js';
import type { Bundle, Precision } from '../models/bundle/node.js';
import { UsageError } from '../models/index.js';
import { openBundle } from './open-bundle.js';
import { print, say, type Terminal } from './terminal.js';

export type TargetOptions = {
  readonly to: string;
  readonly precision: string;
  readonly overwrite: boolean;
  readonly json: boolean;
};

type Written = { readonly folders: readonly string[]; readonly model: string; readonly hint: string };
type Write = (
  bundle: Bundle,
  options: { readonly to: string; readonly precision: Precision; readonly overwrite: boolean },
) => Promise<Written>;

export const targets = ['triton'] as const;
export type Target = (typeof targets)[number];

const writers: { readonly [T in Target]: Write } = {
  triton: async (bundle, options) => {
    const { ensemble, folders } = await exportTriton(bundle, options);
    return { folders, model: ensemble, hint: `tritonserver --model-repository ${options.to}; its Python needs: pip install tokenizers` };
  },
};

/** @throws UsageError `usage/argument` for more than one precision, `bundle/*` where the folder holds none, `export/failed` where the place is taken */
export async function exportTarget(terminal: Terminal, target: Target, folder: string, options: TargetOptions): Promise<void> {
  const { to, precision, overwrite, json } = options;
  const bundle = await openBundle(folder);
  const known = Object.keys(bundle.manifest.models);
  if (!known.includes(precision))
    throw new UsageError('usage/argument', `--precision ${precision}: the bundle has ${known.join(', ')}`, 'give one of them.');
  const { folders, model, hint } = await writers[target](bundle, { to, precision: precision as Precision, overwrite });
  for (const one of folders) say(terminal, `wrote ${one}`);
  say(terminal, hint);
  await print(terminal, json ? JSON.stringify({ model, folders }) : model);
}
