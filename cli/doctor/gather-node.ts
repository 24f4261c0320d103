/** @file What Node is this. Imports nothing of ours, so that it works where nothing of ours loads. */
import type { MachineFacts } from './machine-facts.js';

/** As `engines` in package.json has it; a test compares them. */
export const neededNode = 20;

export function gatherNode(): MachineFacts['node'] {
  const { platform, arch, versions } = process;
  const { header } = process.report.getReport() as { readonly header: { readonly glibcVersionRuntime?: string } };
  return { version: versions.node, needed: neededNode, platform, arch, glibc: header.glibcVersionRuntime };
}
