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

const program = await import('./program.js').catch((error: unknown) => {
  process.stderr.write(`${explainLoadFailure(error)}\n`);
});
const code = (await program?.runProgram(process.argv.slice(2), process)) ?? 1;
if (code > 0) process.exitCode = code; // a verb that was interrupted has set it itself
