/** @file The explain graph of a loaded model: fetched with it, opened when the first explanation is asked for, over the bytes of the model that are here already. */
import type { Manifest, Session } from '../../../../models/index.js';
import type { LoadedModel } from './load-model.js';

/** `undefined`: it cannot be had; words are left out then. */
export type OpenGradients = () => Promise<Session | undefined>;

export type GradientParts = Pick<LoadedModel, 'manifest' | 'openSession' | 'bundle'> & {
  /** The file that runs, and its bytes. */
  readonly path: string;
  readonly bytes: Uint8Array;
};

/** The bytes are held until the graph is open, and only where there is one for the file that runs. */
export async function openGradients({ manifest, openSession, bundle, path, bytes }: GradientParts): Promise<OpenGradients> {
  const { explain } = manifest;
  if (explain === undefined || path !== manifest.models.fp32) return async () => undefined;
  // Before it is needed: without a network it is then on this device.
  const graph = await bundle.file(explain).catch(() => undefined);
  if (!graph) return async () => undefined;
  let parts: { readonly graph: Uint8Array; readonly bytes: Uint8Array } | undefined = { graph, bytes };
  let opened: Promise<Session | undefined> | undefined;
  const open = async (held: NonNullable<typeof parts>): Promise<Session> => {
    const session = await openSession(held.graph, { [nameOf(manifest)]: held.bytes });
    parts = undefined;
    return session;
  };
  return () => {
    if (parts) opened ??= open(parts).catch(() => undefined);
    return opened ?? Promise.resolve(undefined);
  };
}

/** As the graph calls the file beside it. */
const nameOf = ({ models }: Manifest): string => models.fp32.slice(models.fp32.lastIndexOf('/') + 1);
