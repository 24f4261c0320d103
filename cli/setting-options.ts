/** @file The flags of `copydesk serve`, from the table of settings. */
import { type Command, Option } from 'commander';
import {
  compoundFlags,
  defaultInWords,
  type Flags,
  flagName,
  type Setting,
  type SettingKey,
  settings,
  variableOf,
} from '../serving/index.js';

export function withSettings(command: Command): Command {
  for (const [key, { flag, help, bare }] of Object.entries<Setting>(settings)) {
    if (flag === undefined) continue;
    const usual = defaultInWords(key as SettingKey);
    const option = new Option(flag, `${help}${usual && ` (default: ${usual})`} [${variableOf(key)}]`);
    command.addOption(bare === undefined ? option : option.preset(bare));
  }
  for (const { flag, help, form } of compoundFlags) {
    const option = new Option(flag, `${help}; ${form}`);
    command.addOption(option.argParser((one: string, all: readonly string[] = []) => [...all, one]));
  }
  return command;
}

/** What was typed, by flag; the table says what it means. */
export function flagsOf(command: Command): Flags {
  return new Map(
    command.options.flatMap((option) => {
      const value: unknown = command.getOptionValue(option.attributeName());
      if (value === undefined) return [];
      return [[flagName(option.flags), [value].flat().map(String)] as const];
    }),
  );
}
