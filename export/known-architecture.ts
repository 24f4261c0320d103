import { type ArchitectureConfig, architectureSchema, type Manifest, UsageError } from '../models/index.js';

/** The architecture that a manifest names. @throws UsageError `bundle/invalid` for one that is not known here */
export function knownArchitecture({ name, architecture }: Pick<Manifest, 'name' | 'architecture'>): ArchitectureConfig {
  const config = architectureSchema.safeParse(architecture);
  if (config.success) return config.data;
  throw new UsageError(
    'bundle/invalid',
    `${name}: its architecture is not known here: ${config.error.issues[0]?.message}`,
    'use the version of copydesk that wrote the bundle.',
  );
}
