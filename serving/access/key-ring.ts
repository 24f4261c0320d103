/** @file The keys that hold at this moment: read from their file, and again whenever it changes. */
import { stat } from 'node:fs/promises';
import { type Allowance, parseQuota, parseRate } from './allowance.js';
import { readKeyFile } from './key-file.js';
import type { Scope } from './scopes.js';

export type HeldKey = {
  readonly id: string;
  readonly hash: string;
  readonly scopes: readonly Scope[];
  readonly allowances: readonly Allowance[];
};

export type KeyRing = {
  readonly size: number;
  /** @returns `undefined` for a key that never was or has been revoked */
  find(id: string): HeldKey | undefined;
  /** Reads the file again if it is another one than at the last look. A file that cannot be used changes nothing. */
  refresh(): Promise<void>;
};

export type KeyRingEvents = {
  readonly onChange: (keys: number) => void;
  /** Told once of each broken file. */
  readonly onProblem: (problem: string) => void;
};

/** @throws UsageError as `readKeyFile` does, for the first reading only */
export async function openKeyRing(path: string, { onChange, onProblem }: KeyRingEvents): Promise<KeyRing> {
  let seen = await stampOf(path);
  let keys = await read(path);
  let looking: Promise<void> | undefined;
  const look = async (): Promise<void> => {
    const stamp = await stampOf(path);
    if (stamp === seen) return;
    try {
      keys = await read(path);
      onChange(keys.size);
    } catch (error) {
      onProblem(error instanceof Error ? error.message : String(error));
    }
    seen = stamp;
  };
  return {
    get size() {
      return keys.size;
    },
    find: (id) => keys.get(id),
    refresh() {
      looking ??= look().finally(() => {
        looking = undefined;
      });
      return looking;
    },
  };
}

async function read(path: string): Promise<ReadonlyMap<string, HeldKey>> {
  const { keys } = await readKeyFile(path);
  const held = keys
    .filter(({ revoked }) => revoked === undefined)
    .map(({ id, hash, scopes, rates, quotas }): [string, HeldKey] => {
      const allowances = [...rates.map((text) => parseRate(text)!), ...quotas.map((text) => parseQuota(text)!)];
      return [id, { id, hash, scopes, allowances }];
    });
  return new Map(held);
}

/** Changes when the file is written, replaced, or its permissions are. Links are followed, as mounted secrets are links. */
async function stampOf(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found ? `${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}` : '';
}
