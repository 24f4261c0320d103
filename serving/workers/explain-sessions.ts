/** @file Sessions of explain graphs, opened when the first explanation is asked for: most models never are, and each is a second copy of the weights. */
import { type Session, UsageError } from '../../models/index.js';
import type { ExplainFile } from './messages.js';

export type ExplainSessions = {
  /** Models that may be explained from now on, by key. */
  know(key: string, file: ExplainFile): void;
  /** `cold`: it had to be opened.
   *  @throws UsageError `bundle/hash` where the weights are no longer those that the graph was made for, `runtime/model` where it cannot be loaded */
  of(key: string): Promise<{ readonly session: Session; readonly cold: boolean }>;
  forget(key: string): Promise<void>;
};

export type ExplainSessionsDeps = {
  readonly open: (path: string) => Promise<Session>;
  /** sha256 of a file. */
  readonly hash: (path: string) => Promise<string>;
  /** Sessions at once; the one that was asked the longest time ago goes first. Default 2. */
  readonly most?: number;
};

export function createExplainSessions({ open, hash, most = 2 }: ExplainSessionsDeps): ExplainSessions {
  const files = new Map<string, ExplainFile>();
  const sessions = new Map<string, Session>();

  const close = async (key: string): Promise<void> => {
    const session = sessions.get(key);
    sessions.delete(key);
    await session?.dispose();
  };

  return {
    know: (key, file) => void files.set(key, file),
    async of(key) {
      const kept = sessions.get(key);
      if (kept) {
        sessions.delete(key); // a map keeps the order of insertion: the last one asked for is the last one in it
        sessions.set(key, kept);
        return { session: kept, cold: false };
      }
      const file = files.get(key);
      if (!file)
        throw new UsageError('bundle/missing', `${key}: it has no explain graph`, 'export it again with this version of copydesk.');
      // It was verified when the model was loaded, which may be long ago; the graph reads weights by their places and would take any bytes for them.
      if ((await hash(file.weights)) !== file.sha256)
        throw new UsageError('bundle/hash', `${file.weights} changed after ${key} was loaded`, 'load the model again.');
      const session = await open(file.path);
      sessions.set(key, session);
      for (const oldest of [...sessions.keys()].slice(0, -most)) await close(oldest);
      return { session, cold: true };
    },
    async forget(key) {
      files.delete(key);
      await close(key);
    },
  };
}
