/** @file What this device holds, and what it can do without the server, in words. */
import type { ModelInfo } from '../../../protocol/index.js';
import { find } from '../find.js';
import type { AppState } from './keep-app.js';

export type DeviceState = {
  /** What it holds whole. */
  readonly held: readonly ModelInfo[];
  /** Whether the server did not answer. */
  readonly offline: boolean;
  readonly app: AppState;
  /** Why a model could not be kept; empty: nothing is wrong. */
  readonly problem: string;
  /** What has changed since; empty: nothing. */
  readonly news: string;
};

export function showDevice({ held, offline, app, problem, news }: DeviceState): void {
  const names = held.map(({ name, version }) => `${name} ${version}`).join(', ');
  set('device-says', says({ held: names, offline, app }));
  set('device-news', news);
  set('device-problem', problem);
  find('device').dataset.state = offline ? 'offline' : app.kind === 'fetching' || names === '' ? 'fetching' : app.kind === 'cannot' ? 'cannot' : 'kept'; // biome-ignore format: one idea
  const notice = notices[app.kind];
  find('update').hidden = notice === '';
  set('update-says', notice);
}

const notices: { readonly [K in AppState['kind']]: string } = {
  cannot: '',
  fetching: '',
  kept: '',
  'new-version': 'A new version of this page is ready.',
  outdated: 'This page was replaced by a new version in another tab.',
};

type Said = { readonly held: string; readonly offline: boolean; readonly app: AppState };

function says({ held, offline, app }: Said): string {
  if (offline) return `The server does not answer. This device reads by itself, with ${held}.`;
  const page = app.kind === 'cannot' ? `This page is not kept. ${app.why}` : app.kind === 'fetching' ? 'This page is being kept.' : '';
  const model = held === '' ? 'No model is held yet.' : `Held: ${held}.`;
  return page === '' && held !== '' ? `Held: ${held}. It works without the server too.` : `${model} ${page}`.trim();
}

/** Said again only where it is new: screen readers read every change. */
function set(id: string, words: string): void {
  const place = find(id);
  place.hidden = words === '';
  if (place.textContent !== words) place.textContent = words;
}

/** How much room is taken, and whether the browser may take it back. */
export async function showStorage(): Promise<void> {
  const { storage } = navigator as { readonly storage?: StorageManager };
  const [estimate, persisted] = await Promise.all([storage?.estimate().catch(() => undefined), storage?.persisted().catch(() => false)]);
  const used = estimate?.usage ? `${(estimate.usage / 1e6).toFixed(1)} MB are used` : '';
  set('device-storage', used && `${used}. ${persisted ? 'The browser keeps them.' : 'The browser may take them back when room is short.'}`);
}

/** Browsers ask a person, or decide by how often the page is used: so after somebody did something that needs it. */
export async function askToStay(): Promise<void> {
  const { storage } = navigator as { readonly storage?: StorageManager };
  if (!(await storage?.persisted().catch(() => true))) await storage?.persist().catch(() => false);
  await showStorage();
}
