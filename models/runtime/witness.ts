/**
 * @file Sessions whose provider is seen at work, not believed. ONNX Runtime always adds the CPU provider behind the one that is asked for and
 * gives it, without a word, every operation that the other does not take: a session "on CUDA" may compute on the processor. Its profile of a
 * run names the provider of each operation. Node only.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import { createSession, type NodeSession, type NodeSessionOptions } from './node-session.js';
import { firstLine } from './providers.js';
import type { Provider, Session } from './session.js';

/** How many of the operations that ran were computed by which provider, such as `{ webgpu: 154, cpu: 8 }`. */
export type Placement = Readonly<Record<string, number>>;

export type Witnessed = {
  /** Its `fallbacks` also tell of providers that opened the model and then failed to run it, or ran none of it. */
  readonly session: Session;
  /** Absent where only the CPU was asked for, and where the profile could not be written. */
  readonly placement: Placement | undefined;
};

/**
 * Opens a model with the first of `options.providers` that really computes something of it.
 *
 * @param model path of an `.onnx` file
 * @param tryOut runs the model once or more; what it does is what is profiled
 * @param open an argument for tests
 * @throws UsageError as `createSession`; and what `tryOut` throws on the last provider
 */
export async function openWitnessed(
  model: string,
  options: NodeSessionOptions,
  tryOut: (session: Session) => Promise<void>,
  open: (model: string, options: NodeSessionOptions) => Promise<NodeSession> = createSession,
): Promise<Witnessed> {
  const { providers = ['cpu'] } = options;
  const passedOver: string[] = [];
  for (let left: readonly Provider[] = providers; ; ) {
    const folder = left.every((provider) => provider === 'cpu') ? undefined : await profileFolder();
    try {
      const opened = await open(model, { ...options, providers: left, ...(folder === undefined ? {} : { profileIn: folder }) });
      const session: Session = { ...opened, fallbacks: [...passedOver, ...opened.fallbacks] };
      const { provider } = session;
      const failure = await tryOut(session).then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
      opened.endProfile();
      const placement = folder === undefined ? undefined : await readPlacement(folder);
      const idle = placement !== undefined && provider !== 'cpu' && !placement[provider];
      if (!failure && !idle) return { session, placement };
      await session.dispose();
      passedOver.push(...opened.fallbacks, `${provider}: ${failure ? `its first run failed: ${firstLine(failure.error)}` : nothing}`);
      left = left.slice(left.indexOf(provider) + 1);
      if (left.length > 0) continue;
      if (failure && provider === 'cpu') throw failure.error;
      const what = `session: none of the providers [${providers.join(', ')}] works here: ${passedOver.join(' ')}`;
      throw new UsageError('runtime/provider', what, "add 'cpu' as the last one.");
    } finally {
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    }
  }
}

const nothing = 'the runtime opened the model with it, and then computed all of it on the CPU.';

/** Where nothing can be written, nothing is witnessed. */
const profileFolder = (): Promise<string | undefined> => mkdtemp(join(tmpdir(), 'copydesk-profile-')).catch(() => undefined);

type ProfiledEvent = { readonly cat?: string; readonly name?: string; readonly args?: { readonly provider?: string } };

/** Of the profile in a folder; operations that ran several times count once. */
export async function readPlacement(folder: string): Promise<Placement | undefined> {
  const [file] = await readdir(folder);
  if (file === undefined) return undefined;
  let events: readonly ProfiledEvent[];
  try {
    events = JSON.parse(await readFile(join(folder, file), 'utf8'));
  } catch {
    return undefined; // cut off: the disk is full
  }
  const providers = new Map(
    events.flatMap(({ cat, name, args }) => (cat === 'Node' && name && args?.provider ? [[name, nameOf(args.provider)] as const] : [])),
  );
  const counts: Record<string, number> = {};
  for (const provider of providers.values()) counts[provider] = (counts[provider] ?? 0) + 1;
  return providers.size === 0 ? undefined : counts;
}

/** `WebGpuExecutionProvider` → `webgpu`. */
const nameOf = (provider: string): string => provider.replace(/ExecutionProvider$/, '').toLowerCase();
