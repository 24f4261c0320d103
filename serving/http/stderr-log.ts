/** @file The log of a server: JSON lines on stderr. That they cannot be written is no reason to stop answering, nor to stay when told to end. */
import { write } from 'node:fs';
import { type DestinationStream, type Logger, pino } from 'pino';

/** Structured lines; texts are never in them. */
export function stderrLog(level = 'info', fd = 2): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, lineWriter(fd));
}

/** Characters that may wait to be written; lines beyond them are dropped. */
const mostWaiting = 1_048_576;
/** Until a reader that is behind is tried again. ms */
const retryMs = 20;

/**
 * Writes without waiting, one write at a time. Lines that cannot be written, as on a full disk, are dropped: pino's own destination would end the
 * process over them, or try for ever at its end.
 */
function lineWriter(fd: number): DestinationStream {
  let waiting: string[] = [];
  let length = 0;
  let writing = false;
  const next = (): void => {
    writing = waiting.length > 0;
    if (!writing) return;
    const chunk = Buffer.from(waiting.join(''));
    waiting = [];
    length = 0;
    send(chunk);
  };
  const send = (chunk: Buffer): void =>
    write(fd, chunk, (error, written) => {
      if (error?.code === 'EAGAIN') setTimeout(send, retryMs, chunk);
      else if (!error && written < chunk.length) send(chunk.subarray(written));
      else next();
    });
  return {
    write(line) {
      if (length + line.length > mostWaiting) return;
      waiting.push(line);
      length += line.length;
      if (!writing) next();
    },
  };
}
