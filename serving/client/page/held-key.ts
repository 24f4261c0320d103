/** @file The key that a person typed: kept in this tab and gone with it. It goes into a header of requests to this server, and nowhere else. */

const name = 'copydesk-key';
/** For browsers that keep nothing for pages. */
let inMemory = '';

export function heldKey(): string {
  try {
    return sessionStorage.getItem(name) ?? inMemory;
  } catch {
    return inMemory;
  }
}

/** @param key empty: forget it */
export function holdKey(key: string): void {
  inMemory = key.trim();
  try {
    sessionStorage.setItem(name, inMemory);
  } catch {
    // It is in memory.
  }
}

export const keyHeaders = (key: string = heldKey()): Readonly<Record<string, string>> =>
  key === '' ? {} : { authorization: `Bearer ${key}` };
