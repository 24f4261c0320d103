/** @file `/review`: one held text after another, for a person to decide. */
import type { ReviewItem } from '../../protocol/index.js';
import { heldKey, holdKey } from './held-key.js';
import { Refused, reviewServer as server } from './review-server.js';
import { chosenLabels, showItem, toggleLabel } from './review-sheet.js';

const find = <E extends HTMLElement = HTMLElement>(id: string): E => document.getElementById(id) as E;
const [name, key] = [find<HTMLInputElement>('name'), find<HTMLInputElement>('key')];

/** Each tab is a reviewer of its own, so that two never get the same text, whatever the name. */
const tab = (sessionStorage['copydesk-tab'] as string | undefined) ?? randomName();
sessionStorage['copydesk-tab'] = tab;
const reviewer = (): string => `${name.value.trim()} (tab ${tab})`.trim();

function randomName(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(4)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const lookAgainMs = 10_000;

let item: ReviewItem | undefined;
let busy = false;
let timer: number | undefined;

name.value = sessionStorage['copydesk-reviewer'] ?? '';
key.value = heldKey();

find('who').addEventListener('submit', (event) => {
  event.preventDefault();
  sessionStorage['copydesk-reviewer'] = name.value.trim();
  holdKey(key.value);
  void begin();
});

// Enter decides nothing: only a button says what.
find('decide').addEventListener('submit', (event) => event.preventDefault());
find('publish').addEventListener('click', () => void decide('publish'));
find('block').addEventListener('click', () => void decide('block'));
find('skip').addEventListener('click', () => void skip());

document.addEventListener('keydown', (event) => {
  const typing = (event.target as HTMLElement).closest('input:not([type="radio"]):not([type="checkbox"]), textarea');
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (!find<HTMLInputElement>('keys-on').checked || find('desk').hidden) return;
  const wanted = event.key.toLowerCase();
  if (wanted === 'p') void decide('publish');
  else if (wanted === 'b') void decide('block');
  else if (wanted === 's') void skip();
  else if (/^[1-9]$/.test(wanted)) toggleLabel(Number(wanted));
});

async function begin(): Promise<void> {
  await doing(() => next(''));
}

/** What this tab has claimed already, or else the next one. @param said what happened before */
async function next(said: string): Promise<void> {
  const { items, open } = await server.claim({ reviewer: reviewer(), resume: true });
  show(items[0], open, said);
}

function show(shown: ReviewItem | undefined, open: number, said: string): void {
  const another = shown?.id !== item?.id;
  item = shown;
  find('desk').hidden = shown === undefined;
  const waiting = open === 0 ? 'Nothing else waits' : open === 1 ? 'One more waits' : `${open} more wait`;
  const now = shown ? `${waiting}.` : 'Nothing waits. This page looks again every few seconds.';
  find('status').textContent = `${said} ${now}`.trim();
  clearTimeout(timer);
  // A claim is made anew before it ends, for as long as the page is open.
  const until = shown?.claim ? (Date.parse(shown.claim.until) - Date.now()) / 2 : lookAgainMs;
  timer = setTimeout(() => void doing(() => next('')), Math.max(1_000, until));
  if (!shown || !another) return;
  showItem(shown);
  find('text-heading').focus();
}

async function decide(action: 'publish' | 'block'): Promise<void> {
  const decided = item;
  if (!decided) return;
  await doing(async () => {
    const note = find<HTMLInputElement>('note').value.trim();
    const decision = { action, ...chosenLabels(decided), ...(note === '' ? {} : { note }), reviewer: reviewer() };
    const taken = await server.decide(decided.id, decision).then(
      () => undefined,
      (error: unknown) => (error instanceof Refused && [404, 409].includes(error.status) ? error : Promise.reject(error)),
    );
    const done = action === 'publish' ? 'Published.' : 'Blocked.';
    await next(taken ? `Not decided here: ${taken.message}` : done);
  });
}

/** The next one first: what is let go before would be the oldest that waits, and come back at once. */
async function skip(): Promise<void> {
  const left = item;
  if (!left) return;
  await doing(async () => {
    const { items, open } = await server.claim({ reviewer: reviewer(), resume: false });
    if (!items[0]) return show(left, 0, 'It stays here:');
    await server.release(left.id, reviewer());
    show(items[0], open + 1, 'Left to others.');
  });
}

/** One thing at a time; what goes wrong is said where it is seen and heard. */
async function doing(work: () => Promise<void>): Promise<void> {
  if (busy) return;
  busy = true;
  for (const id of ['publish', 'block', 'skip']) find(id).setAttribute('aria-disabled', 'true');
  try {
    await work();
    find('problem').hidden = true;
    find('who').hidden = true;
  } catch (error) {
    find('problem').textContent = error instanceof Error ? error.message : String(error);
    find('problem').hidden = false;
    if (error instanceof Refused && [401, 403].includes(error.status)) askWho();
  } finally {
    busy = false;
    for (const id of ['publish', 'block', 'skip']) find(id).removeAttribute('aria-disabled');
  }
}

function askWho(): void {
  clearTimeout(timer);
  item = undefined;
  find('desk').hidden = true;
  find('who').hidden = false;
  key.focus();
}

// Who was here before in this tab goes on.
if (sessionStorage['copydesk-reviewer'] !== undefined) void begin();
