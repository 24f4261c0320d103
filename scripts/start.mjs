/** `npm start`: the program as it was built, in this process; `npm ci --ignore-scripts` has left the building to us. */
await import('./ensure-built.mjs');
await import('../dist/cli/main.js');
