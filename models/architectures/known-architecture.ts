import { UsageError } from '../errors.js';
import { type ArchitectureConfig, architectureSchema } from './build.js';

/** The architecture that a manifest or a run names. @param where what names it, for the message; @throws UsageError `bundle/invalid` for one that is not known here */
export function knownArchitecture(architecture: unknown, where: string): ArchitectureConfig {
  const config = architectureSchema.safeParse(architecture);
  if (config.success) return config.data;
  throw new UsageError(
    'bundle/invalid',
    `${where}: its architecture is not known here: ${config.error.issues[0]?.message}`,
    'use the version of copydesk that wrote it.',
  );
}
