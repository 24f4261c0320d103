import { expect, test } from 'vitest';
import { serverOptionsSchema } from '../http/index.js';
import { flagName, type Setting, variableOf } from './setting.js';
import { compoundFlags, settingKeys, settings } from './settings.js';
import { settingsPage } from './settings-page.js';

type Schema = { readonly shape?: Readonly<Record<string, Schema>>; readonly def: { readonly innerType?: Schema } };

/** The keys of all values of a schema, those inside objects with a dot. */
function leaves(schema: Schema, at = ''): readonly string[] {
  if (schema.shape) return Object.entries(schema.shape).flatMap(([key, inner]) => leaves(inner, at ? `${at}.${key}` : key));
  return schema.def.innerType ? leaves(schema.def.innerType, at) : [at];
}

test('every value of the schema is a setting, and every setting is in the schema', () => {
  expect([...settingKeys].sort()).toEqual(
    leaves(serverOptionsSchema as unknown as Schema)
      .filter((key) => key !== 'signals')
      .sort(),
  );
});

test('no two settings share a flag or a variable', () => {
  const flags = [...Object.values<Setting>(settings), ...compoundFlags].flatMap(({ flag }) => (flag ? [flagName(flag)] : []));
  expect(new Set(flags).size).toBe(flags.length);
  const variables = settingKeys.map(variableOf);
  expect(new Set(variables).size).toBe(variables.length);
  for (const name of variables) expect(name).toMatch(/^COPYDESK_[A-Z][A-Z0-9_]*$/);
});

test('docs/settings.md is made from the table', async () => {
  await expect(settingsPage()).toMatchFileSnapshot('../../docs/settings.md');
});
