/** @file Every setting with its value in force and where that comes from; for people to read, so secrets are not in it. */
import { type ServerOptions, serverOptionsSchema } from '../http/index.js';
import { at } from './given.js';
import type { ReadSettings } from './read-settings.js';
import type { Setting } from './setting.js';
import { settingKeys, settings } from './settings.js';

/** `value` is `null` where nothing is set and there is no default. `from`: a flag, a variable, a file and its key, or `default`. */
export type ShownSetting = { readonly key: string; readonly value: unknown; readonly from: string };

/** @param read settings without problems */
export function shownSettings({
  options,
  sources,
}: Pick<ReadSettings, 'sources'> & { readonly options: ServerOptions }): readonly ShownSetting[] {
  const resolved = serverOptionsSchema.parse(options);
  return settingKeys.map((key) => {
    const { secret }: Setting = settings[key];
    const value = at(resolved, key) ?? null;
    return { key, value: secret && value !== null ? '(not shown)' : value, from: sources.get(key)?.where ?? 'default' };
  });
}
