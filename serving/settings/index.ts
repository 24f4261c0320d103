/** @file The settings of a server, from flags, environment and a file. */
export type { Environment, Flags, Problem } from './given.js';
export * from './read-settings.js';
export * from './read-settings-file.js';
export { flagName, type Setting, variableOf } from './setting.js';
export { type CompoundFlag, compoundFlags, type SettingKey, settingKeys, settings } from './settings.js';
export { defaultInWords } from './settings-page.js';
export * from './shown-settings.js';
