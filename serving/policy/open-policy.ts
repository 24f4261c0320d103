/** @file The policy of a running server, which can be read again while it answers. */
import type { JudgedModel, PolicyBook } from './policy-book.js';
import { readPolicyBook } from './read-policy-book.js';

export type LivePolicy = {
  /** `undefined`: bundles decide by their own. */
  current(): PolicyBook | undefined;
  /** Reads the file again; what cannot be used changes nothing.
   *  @throws UsageError `config/missing`, `config/invalid` */
  reload(): Promise<PolicyBook | undefined>;
};

/** @param models those that are served now
 *  @throws UsageError `config/missing`, `config/invalid` */
export async function openPolicy(path: string | undefined, models: () => readonly JudgedModel[]): Promise<LivePolicy> {
  let book: PolicyBook | undefined;
  const reload = async (): Promise<PolicyBook | undefined> => {
    if (path === undefined) return undefined;
    const fresh = await readPolicyBook(path);
    fresh.check(models());
    book = fresh;
    return book;
  };
  await reload();
  return { current: () => book, reload };
}
