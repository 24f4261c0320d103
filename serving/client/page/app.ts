/** @file The page: put together, and kept up with its server. */

import { type Asked, createDeskForm, inWords } from './desk-form.js';
import { openDatabase } from './device/database.js';
import { createHeldModels, type HeldModelsParts } from './device/held-models.js';
import { type AppState, keepApp } from './device/keep-app.js';
import { askToStay, showDevice, showStorage } from './device/show-device.js';
import { showProgress } from './device/show-progress.js';
import { find } from './find.js';
import { holdKey } from './held-key.js';
import { createModelChoice } from './model-choice.js';
import { createPersonalForm } from './personal/personal-form.js';
import { createPersonalStore } from './personal/personal-store.js';
import { createTeacher, restoreHead } from './personal/teacher.js';
import { createRoutes, isSilence, type Reader } from './routes.js';
import { createTableForm } from './table/table-form.js';

const database = openDatabase();
const store = createPersonalStore(database);
const prepare: HeldModelsParts['prepare'] = (info, classifier) =>
  restoreHead(store, info, classifier).catch((error: unknown) => {
    problem = `What you taught ${info.name} is not used: ${inWords(error)}`;
  });
const held = createHeldModels({ database, onProgress: showProgress, prepare, onChange: show });
const models = createModelChoice(held, onModel);
const routes = createRoutes(held);
const form = createDeskForm({ routes, models, onAnswer });
const table = createTableForm({ open: openChosen, current: models.current, inWords });
const personal = createPersonalForm({
  store,
  teacher: createTeacher(store, held.open),
  current: () => {
    const info = held.all.get(models.current()?.name ?? '');
    return info && { info, teachable: info.teachable };
  },
  onTaught() {
    form.choose('browser');
    form.again();
  },
  inWords,
});
let appState: AppState = { kind: 'fetching' };
let [problem, news] = ['', ''];
let following = false;
let looked = 0;
const app = keepApp((state) => {
  appState = state;
  show();
});

function show(): void {
  void personal.show();
  showDevice({ held: [...held.all.values()], offline: models?.offline ?? false, app: appState, problem, news });
}

function onModel(): void {
  table.showFields();
  show();
}

async function openChosen(): Promise<Reader> {
  const model = models.current();
  if (!model) throw new Error('There is no model yet.');
  return routes[form.chosenRoute()].open(model);
}

function onAnswer(asked: Asked): void {
  personal.showAnswer(asked);
  if (form.chosenRoute() === 'browser') void askToStay();
}

/** @param withQuestion whether there was one that could not be asked */
async function begin(withQuestion: boolean): Promise<void> {
  try {
    await models.load();
  } catch (error) {
    return form.showError(error);
  }
  form.showError(undefined);
  if (models.offline) form.choose('browser');
  if (withQuestion) form.again();
  else find('empty').hidden = !find('verdict').hidden;
  show();
  void follow(savesData() ? 'what is held' : 'the default too');
}

/** Keeps up with the server, while nobody waits for it. */
async function follow(what: 'what is held' | 'the default too'): Promise<void> {
  if (models.offline || following) return;
  following = true;
  find('keep').hidden = true;
  const { served } = models;
  const { changed, problem: why } = await held.follow(served, what === 'what is held' ? [] : served.filter((model) => model.default));
  following = false;
  problem = why === undefined || isSilence(why) ? '' : inWords(why);
  if (changed.length > 0)
    news = `New here: ${changed.map(({ name, version }) => `${name} ${version}`).join(', ')}. The version before was removed.`;
  find('keep').hidden = held.all.size > 0;
  show();
  void showStorage();
}

const savesData = (): boolean => (navigator as { readonly connection?: { readonly saveData?: boolean } }).connection?.saveData === true;

/** Without a word where the server is silent: what the page says of it is up to date then. */
async function lookAgain(): Promise<void> {
  looked = performance.now();
  app.look();
  await models.load().catch(() => {});
  show();
  await follow('what is held');
}

find('key-form').addEventListener('submit', (event) => {
  event.preventDefault();
  holdKey(find<HTMLInputElement>('key').value);
  void begin(find<HTMLTextAreaElement>('story').value.trim() !== '');
});
find('keep').addEventListener('click', () => void follow('the default too').then(askToStay));
find('change').addEventListener('click', () => app.change());

/** Milliseconds between two looks while the page stays open. */
const often = 30 * 60_000;
setInterval(() => void lookAgain(), often);
// A page that was put aside, as apps on phones are, may come back after days.
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible' && performance.now() - looked > often / 6) void lookAgain();
});
addEventListener('online', () => void lookAgain());
addEventListener('offline', () => void lookAgain());
void begin(false);
