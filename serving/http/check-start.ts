/** @file Whether a server would start, as far as that can be seen without starting one: beside one that runs, before it is restarted. */
import { UsageError } from '../../models/index.js';
import { readKeyFile } from '../access/index.js';
import { loadCatalogue } from '../desk/index.js';
import { openPolicy } from '../policy/index.js';
import { checkReviewFile } from '../review/index.js';
import { checkRoom } from './live-models.js';
import type { ServerOptions } from './options.js';
import { resolveOptions } from './resolve-options.js';

export type StartCheck = {
  /** `name@version` of each model whose files are whole. */
  readonly models: readonly string[];
  readonly policy: string | undefined;
  readonly errors: readonly UsageError[];
};

/** Options that go together, keys and policy that can be read, bundles whose hashes are right. Each is looked at, whatever the others are like. */
export async function checkStart(given: ServerOptions): Promise<StartCheck> {
  const errors: UsageError[] = [];
  const attempt = async <T>(step: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      errors.push(error);
      return undefined;
    }
  };
  const options = await attempt(() => resolveOptions(given));
  if (!options) return { models: [], policy: undefined, errors };
  if (options.keys !== undefined) await attempt(() => readKeyFile(options.keys!));
  if (options.review) await attempt(() => checkReviewFile(options.review!.file));
  const models = (await attempt(() => loadCatalogue(options.models, options.defaultModel, options)))?.models ?? [];
  for (const model of models) await attempt(() => checkRoom(model, options.limits));
  const policy = await attempt(() => openPolicy(options.policy, () => models.map(({ manifest }) => manifest)));
  return { models: models.map(({ key }) => key), policy: policy?.current()?.key, errors };
}
