/** @file `copydesk review`: what a server has kept for reviewers, straight from its file. */
import { existsSync } from 'node:fs';
import { text as readAll } from 'node:stream/consumers';
import { Command } from 'commander';
import { UsageError } from '../models/index.js';
import { jsonLine } from '../models/rows/node.js';
import { openReviewBook, type ReviewBook, StoreFault, type TrainingCursor } from '../serving/index.js';
import { print, say, type Terminal } from './terminal.js';

type ExportOptions = { readonly source?: string; readonly model?: string; readonly client?: string; readonly since?: string };
type EraseOptions = { readonly id?: string; readonly text?: string; readonly client?: string; readonly olderThan?: string };

export function reviewCommand(terminal: Terminal): Command {
  const review = new Command('review')
    .summary('what a server kept for reviewers: export it, erase it, count it')
    .description(
      'Works on the file of copydesk serve --review FILE, also while the server runs. Held texts, decisions on them and feedback are in it; docs/review.md says what is kept, and for how long.',
    )
    .addHelpText('after', examples);
  review
    .command('export')
    .description('print decisions and feedback that say a label, as JSON lines that copydesk train reads')
    .argument('<file>', 'file of the server')
    .option('--source <source>', 'only decisions of reviewers (review), or only what clients said (feedback)')
    .option('--model <name@version>', 'only what one model was asked')
    .option('--client <id>', 'only what came from one client')
    .option('--since <time>', 'only what was decided or said from then on, such as 2026-03-01')
    .action((file: string, options: ExportOptions) => using(file, (book) => exportRows(terminal, book, options)));
  review
    .command('erase')
    .description('erase an item, a text, or all that one client sent, from the file and what lies beside it')
    .argument('<file>', 'file of the server')
    .option('--id <id>', 'of an item, or of feedback')
    .option('--text <text>', 'the exact text; - reads it from stdin, so that it does not stay in the history of the shell')
    .option('--client <id>', 'the id of a key, or an address')
    .option('--older-than <days>', 'what was decided, last held or said before then')
    .action((file: string, options: EraseOptions) => using(file, (book) => erase(terminal, book, options)));
  review
    .command('stats')
    .description('how much is in the file: what waits, what is decided, how often reviewers overruled the model')
    .argument('<file>', 'file of the server')
    .option('--json', 'print the numbers as one JSON object')
    .action((file: string, { json }: { json?: true }) => using(file, (book) => stats(terminal, book, json === true)));
  return review;
}

/** @throws UsageError for a file that is not there, is not for us, or cannot be used at this moment */
async function using(file: string, work: (book: ReviewBook) => Promise<void>): Promise<void> {
  if (!existsSync(file))
    throw new UsageError('data/missing', `${file}: there is no such file`, 'name the file of copydesk serve --review.');
  let book: ReviewBook | undefined;
  try {
    book = openReviewBook(file, { items: Number.MAX_SAFE_INTEGER, megabytes: 65_536, busyMs: 10_000 });
    await work(book);
  } catch (error) {
    if (!(error instanceof StoreFault)) throw error;
    throw new UsageError('data/invalid', `${file}: ${error.message} (${error.reason})`, remedies[error.reason]);
  } finally {
    book?.close();
  }
}

const remedies: { readonly [R in StoreFault['reason']]: string } = {
  busy: 'try again: another process was writing for more than ten seconds.',
  full: 'make room on the disk.',
  'read-only': 'run it as the user whose file it is; beside it two more files must be writable.',
  corrupt: 'check that it is the file of copydesk serve --review; if so, restore it from a copy.',
  gone: 'try again: the file was replaced meanwhile.',
  closed: 'try again.',
  disk: 'check the disk and the rights of the file and its folder.',
};

async function exportRows(terminal: Terminal, book: ReviewBook, { source, since, model, client }: ExportOptions): Promise<void> {
  const filter = { source: sourceOf(source), model, client, since: timeOf(since) };
  let count = 0;
  let from: TrainingCursor | undefined;
  do {
    const { rows, next } = book.ask('training', { filter, from }, Date.now());
    for (const row of rows) await print(terminal, jsonLine(row));
    count += rows.length;
    from = next;
  } while (from);
  say(terminal, `${count} ${count === 1 ? 'line' : 'lines'}; decisions without a label are not among them`);
}

async function erase(terminal: Terminal, book: ReviewBook, { id, text, client, olderThan }: EraseOptions): Promise<void> {
  if ([id, text, client, olderThan].filter((given) => given !== undefined).length !== 1)
    throw new UsageError('usage/argument', 'erase: one thing to erase is wanted', 'give one of --id, --text, --client and --older-than.');
  const now = Date.now();
  const request =
    id !== undefined ? { id } : client !== undefined ? { client } : { text: text === '-' ? await oneText(terminal) : (text ?? '') };
  const erased =
    olderThan === undefined ? book.ask('erase', request, now) : book.ask('sweep', { before: now - daysOf(olderThan) * 86_400_000 }, now);
  // Also where nothing was found: an earlier erasure may not have come to its end.
  const cleaned = book.clean();
  await print(terminal, String(erased));
  say(terminal, `${erased} erased${cleaned ? ', from the files too' : ''}`);
  if (!cleaned) say(terminal, 'another process was reading, so the log beside the file still has them: run this again');
}

async function stats(terminal: Terminal, book: ReviewBook, json: boolean): Promise<void> {
  const figures = book.ask('figures', {}, Date.now());
  if (json) return print(terminal, JSON.stringify(figures));
  const { open, claimed, decided, labelled, overruled, feedback, oldest, bytes } = figures;
  const lines: [string, string | number][] = [
    ['wait for a reviewer', open],
    ['claimed', claimed],
    ['decided', decided],
    ['  with a label', labelled],
    ['  other than the model gave', overruled],
    ['suggestions', feedback],
    ['oldest that waits', oldest === null ? '-' : new Date(oldest).toISOString()],
    ['size', `${(bytes / 2 ** 20).toFixed(1)} MiB`],
  ];
  for (const [what, value] of lines) await print(terminal, `${what.padEnd(28)}${value}`);
}

/** A line at the end that only ends the line is not of the text. */
const oneText = async ({ stdin }: Terminal): Promise<string> => (await readAll(stdin)).replace(/\r?\n$/, '');

function sourceOf(given: string | undefined): 'review' | 'feedback' | undefined {
  if (given === undefined || given === 'review' || given === 'feedback') return given;
  throw new UsageError(
    'usage/argument',
    `--source: ${JSON.stringify(given)} is none`,
    'give review or feedback, or leave it out for both.',
  );
}

function timeOf(given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const time = Date.parse(given);
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  throw new UsageError('usage/argument', `--since: ${JSON.stringify(given)} is no time`, 'write it as 2026-03-01 or 2026-03-01T12:00:00Z.');
}

function daysOf(given: string): number {
  const days = Number(given);
  if (given.trim() !== '' && days >= 0 && days <= 36_500) return days;
  throw new UsageError('usage/argument', `--older-than: ${JSON.stringify(given)} is no number of days`, 'give one from 0 on.');
}

const examples = `
From a held text to a better model:
  $ copydesk serve --models bundles --review desk.db          reviewers decide at /review
  $ copydesk review stats desk.db
  $ copydesk review export desk.db > more.jsonl
  $ copydesk audit more.jsonl
  $ cat examples/headlines.train.jsonl more.jsonl > both.jsonl
  $ copydesk train examples/headlines.json --set data.train=both.jsonl --run runs/headlines-2

Somebody wants their texts gone:
  $ copydesk review erase desk.db --client 3f9c1a7be024
  $ copydesk review erase desk.db --text - < the-text.txt`;
