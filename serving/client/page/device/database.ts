/** @file What this device keeps for the page, in IndexedDB; in memory where the browser keeps nothing for pages. */

export type StoreName = 'models' | 'corrections' | 'heads';

/** Values are plain data; keys are ours. */
export type Database = {
  get<T>(store: StoreName, key: string): Promise<T | undefined>;
  all<T>(store: StoreName): Promise<readonly T[]>;
  put(store: StoreName, key: string, value: unknown): Promise<void>;
  delete(store: StoreName, key: string): Promise<void>;
};

const stores: { readonly [S in StoreName]: true } = { models: true, corrections: true, heads: true };

export function openDatabase(name = 'copydesk'): Database {
  const opening = open(name).then(overIndexedDb, inMemory);
  return {
    get: async (store, key) => (await opening).get(store, key),
    all: async (store) => (await opening).all(store),
    put: async (store, key, value) => (await opening).put(store, key, value),
    delete: async (store, key) => (await opening).delete(store, key),
  };
}

async function open(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    for (const store of Object.keys(stores)) request.result.createObjectStore(store);
  };
  return resultOf(request);
}

function overIndexedDb(database: IDBDatabase): Database {
  // Another tab with a newer page must not wait for this one.
  database.onversionchange = () => database.close();
  const read = <T>(store: StoreName, ask: (held: IDBObjectStore) => IDBRequest): Promise<T> =>
    resultOf(ask(database.transaction(store).objectStore(store))) as Promise<T>;
  const write = (store: StoreName, change: (held: IDBObjectStore) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      const transaction = database.transaction(store, 'readwrite');
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
      change(transaction.objectStore(store));
    });
  return {
    get: (store, key) => read(store, (held) => held.get(key)),
    all: (store) => read(store, (held) => held.getAll()),
    put: (store, key, value) => write(store, (held) => held.put(value, key)),
    delete: (store, key) => write(store, (held) => held.delete(key)),
  };
}

function inMemory(): Database {
  const held = new Map<string, Map<string, unknown>>(Object.keys(stores).map((store) => [store, new Map()]));
  return {
    get: async <T>(store: StoreName, key: string) => held.get(store)!.get(key) as T | undefined,
    all: async <T>(store: StoreName) => [...held.get(store)!.values()] as T[],
    async put(store, key, value) {
      held.get(store)!.set(key, value);
    },
    async delete(store, key) {
      held.get(store)!.delete(key);
    },
  };
}

const resultOf = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
