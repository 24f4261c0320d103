/** @file What is said where the program itself does not load: most often a native library on a system that it was not built for. */

import { sentence } from './doctor/finding.js';
import { findingsOn } from './doctor/findings.js';
import { gatherNode } from './doctor/gather-node.js';

/** @returns lines for a person; the error's own message is in them */
export function explainLoadFailure(error: unknown): string {
  const reason = error instanceof Error ? error.message.split('\n')[0]! : String(error);
  const found = findingsOn('node', gatherNode());
  const native = /\.node\b|\.so\b|\.dylib\b|\.dll\b|onnxruntime|shared (object|library)|GLIBC|ELF/i.test(reason);
  const runtime = native ? findingsOn('runtime', { loads: false, reason }) : [];
  const lines = [...found, ...runtime].filter(({ state }) => state === 'wrong').map(sentence);
  if (!native) lines.push(`${reason}\n       → install it again (npm ci); in a clone, build it again (npm run build).`);
  return ['copydesk: the program could not be loaded.', ...lines].join('\n');
}
