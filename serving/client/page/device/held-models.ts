/** @file Models on this device: which it holds whole, opening them, and the change to a new version when all of that has come. */
import type { ModelInfo } from '../../../protocol/index.js';
import { CopydeskError, type Runs } from '../../asking/index.js';
import { createClassifier, forgetBundles, type Progress, type WebClassifier } from '../../web/index.js';
import { heldKey } from '../held-key.js';
import type { Database } from './database.js';

/** One that answers: it may be an older version than was wanted. */
export type OpenModel = {
  readonly info: ModelInfo;
  readonly kept: boolean;
  readonly teachable: boolean;
  /** As long as the work goes on it is not closed, also where a newer version has come. */
  use<T>(work: (classifier: WebClassifier) => Promise<T>): Promise<T>;
};
type Made = OpenModel & { close(): void };

/** As the server described it, and whether its head can be taught. */
export type HeldModel = ModelInfo & { readonly teachable: boolean };

export type HeldModels = {
  /** What answers without a network, by name. */
  readonly all: ReadonlyMap<string, HeldModel>;
  /** What this device held already is known. */
  readonly loaded: Promise<void>;
  /** Where it does not arrive whole, the version that this device holds.
   *  @throws CopydeskError */
  open(model: ModelInfo): Promise<OpenModel>;
  /** Brings this device to what the server has: what it holds in its newest version, and nothing that the server took away.
   *  @param further models that it is to hold too */
  follow(served: readonly ModelInfo[], further: readonly ModelInfo[]): Promise<Followed>;
};

export type Followed = {
  /** Newer versions that are here now. */
  readonly changed: readonly ModelInfo[];
  /** Why one could not be kept, in words; `undefined`: all are. */
  readonly problem: unknown;
};

export type HeldModelsParts = {
  readonly database: Database;
  readonly onProgress: (progress: Progress) => void;
  /** Done with a model that was just opened, before anybody asks it. */
  readonly prepare: (info: ModelInfo, classifier: WebClassifier) => Promise<void>;
  /** Another set of models is held, or what one is. */
  readonly onChange: () => void;
};

export function createHeldModels({ database, onProgress, prepare, onChange }: HeldModelsParts): HeldModels {
  const held = new Map<string, HeldModel>();
  const made = new Map<string, Promise<Made>>();

  /** A policy may change while the server runs; a model with another one is another model to us. What could not be made is tried again. */
  const keyOf = ({ name, files, policy }: ModelInfo): string => JSON.stringify([name, files, policy]);

  function openExactly(model: ModelInfo, heldOnly = false): Promise<Made> {
    const key = keyOf(model);
    const opening = made.get(key) ?? create(model, heldOnly);
    made.set(key, opening);
    opening.catch(() => made.delete(key));
    return opening;
  }

  async function create(info: ModelInfo, heldOnly: boolean): Promise<Made> {
    const { files, policy } = info;
    // The thresholds of the server, whose word lists do not leave it.
    const classifier = createClassifier({ bundle: files, assets: '/web', key: heldKey, policy, heldOnly, onProgress });
    try {
      const { runs } = await classifier.ready();
      const { kept, teachable } = runs as Extract<Runs, { where: 'browser' }>;
      await prepare(info, classifier);
      if (kept) await hold({ ...info, teachable });
      return { info, kept, teachable, ...untilUnused(classifier) };
    } catch (error) {
      classifier.dispose();
      throw error;
    }
  }

  /** From here on this version is the one; what was before it goes. */
  async function hold(info: HeldModel): Promise<void> {
    const before = held.get(info.name);
    held.set(info.name, info);
    await database.put('models', info.name, info).catch(() => {});
    if (before && keyOf(before) !== keyOf(info)) close(before);
    if (before?.files !== info.files) await forgetOthers();
    onChange();
  }

  function close(model: ModelInfo): void {
    const opened = made.get(keyOf(model));
    made.delete(keyOf(model));
    opened?.then((one) => one.close()).catch(() => {});
  }

  const forgetOthers = (): Promise<void> => forgetBundles({ keep: [...held.values()].map(({ files }) => files) }).catch(() => {});

  async function load(): Promise<void> {
    for (const model of await database.all<HeldModel>('models')) if (await lies(model)) held.set(model.name, model);
  }
  const loaded = load().catch(() => {});

  return {
    all: held,
    loaded,
    async open(model) {
      await loaded;
      try {
        return await openExactly(model);
      } catch (error) {
        const older = held.get(model.name);
        if (!older || keyOf(older) === keyOf(model) || !(error instanceof CopydeskError) || withdrawn.has(error.code)) throw error;
        // The server may not have the older one any more.
        return openExactly(older, true);
      }
    },
    async follow(served, further) {
      await loaded;
      for (const model of [...held.values()].filter(({ name }) => !served.some((one) => one.name === name))) {
        close(model);
        held.delete(model.name);
        await database.delete('models', model.name).catch(() => {});
        await forgetOthers();
        onChange();
      }
      const changed: ModelInfo[] = [];
      let problem: unknown;
      for (const model of served) {
        const before = held.get(model.name);
        if (before?.files === model.files) {
          // The same version, perhaps under another policy, or as the default now.
          if (keyOf(before) !== keyOf(model)) close(before);
          const same = { ...model, teachable: before.teachable };
          held.set(model.name, same);
          await database.put('models', model.name, same).catch(() => {});
        } else if (before || further.includes(model)) {
          const used = made.has(keyOf(model)) || (before !== undefined && made.has(keyOf(before)));
          const opened = await openExactly(model).catch((error: unknown) => {
            problem = error;
          });
          // It was opened to see that it runs; nobody has asked it anything.
          if (opened && !used) close(model);
          if (opened && !opened.kept) problem = noRoom;
          else if (opened && before) changed.push(model);
        }
      }
      onChange();
      return { changed, problem };
    },
  };
}

function untilUnused(classifier: WebClassifier): Pick<Made, 'use' | 'close'> {
  let [users, closed] = [0, false];
  return {
    async use(work) {
      users += 1;
      try {
        return await work(classifier);
      } finally {
        users -= 1;
        if (closed && users === 0) classifier.dispose();
      }
    },
    close() {
      closed = true;
      if (users === 0) classifier.dispose();
    },
  };
}

/** The model runs without being kept. */
export const noRoom = 'This device has no room for the model: it answers only while the server does.';

/** Its owner does not give it to us any more. */
const withdrawn: ReadonlySet<string> = new Set(['unauthorized', 'forbidden', 'bundle/missing']);

/** Whether the files that the record speaks of are there: browsers empty Cache Storage by themselves. */
async function lies({ files }: ModelInfo): Promise<boolean> {
  try {
    return (await (await caches.open('copydesk')).match(new URL('copydesk.json', new URL(files, location.origin)))) !== undefined;
  } catch {
    return false;
  }
}
