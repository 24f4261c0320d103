/** @file The options of a server, defaults filled in, or why it does not start with them. */
import { UsageError } from '../../models/index.js';
import { isLoopback } from '../access/index.js';
import { type ResolvedServerOptions, type ServerOptions, serverOptionsSchema } from './options.js';

/** @throws UsageError `serving/start` for what cannot be, or cannot be together */
export function resolveOptions(given: ServerOptions): ResolvedServerOptions {
  const parsed = serverOptionsSchema.safeParse(given);
  if (parsed.success) {
    const { limits } = parsed.data;
    if (limits.texts > limits.queueTexts) {
      const what = `serve: a request may hold ${limits.texts} texts but only ${limits.queueTexts} may wait`;
      throw new UsageError('serving/start', what, 'let limits.queueTexts be at least limits.texts.');
    }
    if (limits.stallMs > limits.waitMs) {
      checkOpen(parsed.data);
      return parsed.data;
    }
    const what = `serve: a text may wait for ${limits.waitMs} ms, but its connection is closed after ${limits.stallMs} ms`;
    throw new UsageError('serving/start', what, 'let limits.stallMs be more than limits.waitMs.');
  }
  const [issue] = parsed.error.issues;
  throw new UsageError('serving/start', `serve: ${issue?.path.join('.')}: ${issue?.message}`, 'correct that option.');
}

/** Whoever opens a server to others says who they are, or says that it does not matter. */
function checkOpen({ host, keys, allowOpen, review }: ResolvedServerOptions): void {
  if (review && keys === undefined && !isLoopback(host)) {
    const what = `serve: texts are held for reviewers, ${host} can be reached from other machines, and nobody would be asked for a key`;
    throw new UsageError('serving/start', what, 'ask for keys with --keys FILE (copydesk keys add makes one), or leave --review out.');
  }
  if (keys !== undefined || allowOpen || isLoopback(host)) return;
  const what = `serve: ${host} can be reached from other machines, and nobody would be asked for a key`;
  const fix = 'ask for keys with --keys FILE (copydesk keys add makes one), or say with --allow-open that anybody may use this server.';
  throw new UsageError('serving/start', what, fix);
}
