/** `npm run build`: TypeScript to dist/, threads as one file each, the pages and the browser package to dist/client/, and the package's types to dist/types/. */
import { spawnSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });
for (const project of ['tsconfig.build.json', 'serving/client/tsconfig.types.json']) {
  const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', project], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
chmodSync(new URL('../dist/cli/main.js', import.meta.url), 0o755); // `npx copydesk` runs it as a program
const { bundleThreads } = await import('./bundle-threads.mjs');
await bundleThreads(fileURLToPath(new URL('../dist/', import.meta.url)));
const { buildClient } = await import('../serving/client/build.mjs');
await buildClient(fileURLToPath(new URL('../dist/client', import.meta.url)), { pack: true });
