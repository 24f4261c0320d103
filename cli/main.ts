#!/usr/bin/env node
/** @file The program `copydesk`. */
import { runProgram } from './program.js';

// A reader that stops early (`copydesk predict … | head`) is no fault: there is nobody left to write to.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const code = await runProgram(process.argv.slice(2), process);
if (code > 0) process.exitCode = code; // a verb that was interrupted has set it itself
