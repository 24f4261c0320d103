/** @file docs/settings.md: every setting, from the table. */
import { serverOptionsSchema } from '../http/index.js';
import { at } from './given.js';
import { type Setting, variableOf } from './setting.js';
import { compoundFlags, type SettingKey, settingKeys, settings } from './settings.js';

export function settingsPage(): string {
  const flagOf = (key: SettingKey): string => {
    const { flag }: Setting = settings[key];
    if (flag !== undefined) return flag;
    const compound = compoundFlags.find(({ split, example }) => key in (split(example(key)) ?? {}));
    return compound ? `${compound.flag.split(' ')[0]} ${compound.example(key)}` : '';
  };
  const rows = settingKeys.map((key) => {
    const { help, reading }: Setting = settings[key];
    return [`\`${key}\``, code(flagOf(key)), `\`${variableOf(key)}\``, reading.form, defaultInWords(key), help];
  });
  return `${introduction}\n${table([['in the file', 'flag', 'variable', 'is', 'default', 'what it sets'], ...rows])}\n`;
}

/** Empty where there is none. */
export function defaultInWords(key: SettingKey): string {
  const { usual }: Setting = settings[key];
  if (usual !== undefined) return usual;
  const value = at(serverOptionsSchema.parse({ models: ['.'] }), key);
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return '';
  return value === true ? 'yes' : value === false ? 'no' : typeof value === 'number' ? value.toLocaleString('en') : String(value);
}

const code = (text: string): string => text && `\`${text}\``;

function table([head, ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head!), line(head!.map(() => '---')), ...rows.map(line)].join('\n');
}

const introduction = `# Settings of the server

Each can come from a flag of \`copydesk serve\`, from an environment variable, or from a file. A flag stands over the variable, the variable over the
file, the file over the default. This page is made from \`serving/settings/settings.ts\`.

    copydesk serve --config serve.json            # or COPYDESK_CONFIG=serve.json
    copydesk serve --config serve.json --check    # would it start? which setting comes from where?

    {
      "models": ["bundles"],
      "host": "0.0.0.0",
      "keys": "keys.json",
      "limits": { "waitMs": 5000, "queueTexts": 2048 }
    }

- **File.** JSON. A key with a dot in it below is a key inside an object. Paths are seen from the folder of the file. An unknown key is an error that
  names the nearest known one.
- **Variables.** Lists have commas between their values; yes or no is \`true\`, \`yes\`, \`on\`, \`1\` or \`false\`, \`no\`, \`off\`, \`0\`. An empty variable counts as
  not set. One that begins with \`COPYDESK_\` and is none of these is reported and has no effect. Kubernetes sets \`COPYDESK_PORT=tcp://…\` where a service
  is called \`copydesk\`: that is not taken for a port; \`enableServiceLinks: false\` stops it.
- **\`--check\`** looks at settings, the files of keys and of the policy, and the hashes of every bundle, lists each setting with its source, and exits with
  0 where the server would start. It may run beside a server that serves. \`--json\` prints the same for programs. Secrets are in neither.
`;
