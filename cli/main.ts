#!/usr/bin/env node
/** @file The program `copydesk`. */
import { explainLoadFailure } from './load-failure.js';

// A reader that stops early (`copydesk predict … | head`) is no fault: there is nobody left to write to.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});
// Talk that cannot be written, as on a full disk, is no reason to stop either.
process.stderr.on('error', () => {});

// What is wrong with a command line is told by the program itself: what comes out of it could not be loaded.
const code = await import('./program.js')
  .then(({ runProgram }) => runProgram(process.argv.slice(2), process))
  .catch((error: unknown) => {
    process.stderr.write(`${explainLoadFailure(error)}\n`);
    return 1;
  });
if (code > 0) process.exitCode = code; // a verb that was interrupted has set it itself
