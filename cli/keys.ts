/** @file `copydesk keys`: who may use a server, for what, and how much. */
import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { nearest, UsageError } from '../models/index.js';
import {
  hashSecret,
  type KeyFile,
  makeApiKey,
  parseQuota,
  parseRate,
  quotaForm,
  rateForm,
  readKeyFile,
  type Scope,
  type StoredKey,
  scopeMeanings,
  scopes,
  writeApiKey,
  writeKeyFile,
} from '../serving/index.js';
import { print, say, type Terminal } from './terminal.js';

type AddOptions = { file: string; name: string; scopes: string; rate: string[]; quota: string[] };

const fileOption = ['--file <file>', 'file of keys'] as const;

export function keysCommand(terminal: Terminal): Command {
  const command = new Command('keys')
    .summary('make, list and revoke the keys of a server')
    .description(
      'Keeps the file that copydesk serve --keys FILE reads. It holds hashes, not keys: a key is shown once, when it is made. A server reads the file again when it changes.',
    )
    .addHelpText('after', examples);
  command
    .command('add')
    .description('make a key, and print it: it cannot be shown again')
    .requiredOption(...fileOption)
    .requiredOption('--name <name>', 'whose key it is, for people')
    .requiredOption('--scopes <names>', `what it is for, separated by commas: ${scopes.join(', ')}`)
    .option('--rate <rate>', 'how often, as 50/s for requests or "500 texts/s"; may be repeated', append, [])
    .option('--quota <quota>', 'how much in all, as 100000/day for requests or "100000 texts/month"; may be repeated', append, [])
    .action(async ({ file: path, name, scopes: wanted, rate, quota }: AddOptions) => {
      const file: KeyFile = existsSync(path) ? await readKeyFile(path) : { version: 1, keys: [] };
      const entry = { name: nameOf(name), scopes: scopesOf(wanted), rates: rate.map(rateOf), quotas: quota.map(quotaOf) };
      const key = makeApiKey();
      const made = { id: key.id, ...entry, hash: hashSecret(key.secret), created: new Date().toISOString() };
      await writeKeyFile(path, { ...file, keys: [...file.keys, made] });
      say(terminal, `key ${key.id} for ${made.name} is in ${path}. This is the only time that it is shown:`);
      await print(terminal, writeApiKey(key));
    });
  command
    .command('list')
    .description('what is known of each key: never the key itself')
    .requiredOption(...fileOption)
    .option('--json', 'one object a line, for programs')
    .action(async ({ file, json }: { file: string; json?: boolean }) => {
      const { keys } = await readKeyFile(file);
      for (const { hash: _, ...known } of keys) await print(terminal, json ? JSON.stringify(known) : lineOf(known));
      if (keys.length === 0) say(terminal, `${file} has no keys`);
    });
  command
    .command('revoke <id>')
    .description('let a key open nothing from now on; running servers notice within seconds')
    .requiredOption(...fileOption)
    .action(async (given: string, { file: path }: { file: string }) => {
      // The whole key names its id as well; the secret in it goes no further.
      const id = /^cd_([0-9a-f]{12})_/.exec(given)?.[1] ?? given;
      const file = await readKeyFile(path);
      const found = file.keys.find((key) => key.id === id);
      if (!found) throw noSuchKey(id, path, file);
      if (found.revoked) return say(terminal, `key ${id} was revoked on ${found.revoked}`);
      const revoked = new Date().toISOString();
      await writeKeyFile(path, { ...file, keys: file.keys.map((key) => (key === found ? { ...key, revoked } : key)) });
      say(terminal, `key ${id} of ${found.name} is revoked`);
    });
  return command;
}

const append = (text: string, before: readonly string[]): string[] => [...before, text];

function nameOf(name: string): string {
  const trimmed = name.trim();
  if (trimmed !== '' && trimmed.length <= 100) return trimmed;
  throw new UsageError('usage/argument', '--name: a name has from 1 to 100 characters', 'say whose key it is.');
}

function scopesOf(list: string): Scope[] {
  return list.split(',').map((text) => {
    const name = text.trim();
    const scope = scopes.find((one) => one === name);
    if (scope) return scope;
    const meant = nearest(name, scopes);
    const all = scopes.map((one) => `${one} (${scopeMeanings[one]})`).join(', ');
    throw new UsageError(
      'usage/argument',
      `--scopes: there is no scope ${JSON.stringify(name)}`,
      meant ? `did you mean ${meant}?` : `use ${all}.`,
    );
  });
}

function rateOf(text: string): string {
  if (parseRate(text)) return text;
  throw new UsageError('usage/argument', `--rate: ${JSON.stringify(text)} is no rate`, `${rateForm}.`);
}

function quotaOf(text: string): string {
  if (parseQuota(text)) return text;
  throw new UsageError('usage/argument', `--quota: ${JSON.stringify(text)} is no quota`, `${quotaForm}.`);
}

function lineOf({ id, name, scopes: may, rates, quotas, created, revoked }: Omit<StoredKey, 'hash'>): string {
  const limits = [...rates, ...quotas].join(', ') || 'no limits';
  return [id, name, may.join(','), limits, revoked ? `revoked ${revoked}` : `since ${created}`].join('\t');
}

function noSuchKey(id: string, path: string, { keys }: KeyFile): UsageError {
  const known = keys.map((key) => key.id);
  const meant = nearest(id, known);
  const fix = meant ? `did you mean ${meant}?` : `copydesk keys list --file ${path} shows all.`;
  return new UsageError('usage/argument', `revoke: ${path} has no key with the id ${JSON.stringify(id.slice(0, 40))}`, fix);
}

const examples = `
Scopes:
${scopes.map((scope) => `  ${scope.padEnd(10)}${scopeMeanings[scope]}`).join('\n')}

  $ copydesk keys add --file keys.json --name comments --scopes classify --rate 50/s --quota "100000 texts/day"
  $ copydesk keys list --file keys.json
  $ copydesk keys revoke 3f9c1a7be024 --file keys.json
  $ copydesk serve --keys keys.json`;
