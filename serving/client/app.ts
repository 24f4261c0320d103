/** @file The page: a story goes in, a verdict is shown. */
import { config } from 'zod';
import type { ModelInfo } from '../protocol/index.js';
import { heldKey, holdKey } from './held-key.js';
import { createLocal } from './local.js';
import { classifyRemotely, fetchModels, KeyWanted } from './remote.js';
import type { Classify, RouteName } from './routes.js';
import { showExplanation } from './show-explanation.js';
import { showVerdict } from './show-verdict.js';

config({ jitless: true }); // the page's policy forbids making code from strings

const find = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const form = find<HTMLFormElement>('desk');
const story = find<HTMLTextAreaElement>('story');
const pair = find<HTMLTextAreaElement>('pair');
const select = find<HTMLSelectElement>('model');
const ask = find<HTMLButtonElement>('ask');
const why = find<HTMLInputElement>('why');

const routes: { readonly [R in RouteName]: { readonly name: string; readonly note: string; readonly classify: Classify } } = {
  server: { name: 'the server', note: 'The text is sent to the server that gave you this page.', classify: classifyRemotely },
  browser: {
    name: 'this browser',
    note: 'The model is fetched once; the text never leaves this device.',
    classify: createLocal(({ received, total }) => {
      find('progress').hidden = received >= total;
      find<HTMLProgressElement>('bar').value = total === 0 ? 0 : received / total;
      find('bytes').textContent = `${megabytes(received)} of ${megabytes(total)} MB`;
    }),
  },
};

let models: readonly ModelInfo[] = [];
let busy = false;
/** The newest question; an answer to an older one is not shown. */
let asked = 0;

const chosenRoute = (): RouteName => (find<HTMLInputElement>('route-browser').checked ? 'browser' : 'server');

async function submit(): Promise<void> {
  const text = story.value;
  if (busy || text.trim() === '') return void story.focus();
  const question = ++asked;
  setBusy(true);
  try {
    if (models.length === 0) await loadModels();
    const model = models[select.selectedIndex] ?? models[0];
    if (!model) throw new Error('The server has no model.');
    const route = routes[chosenRoute()];
    const second = model.input === 'pair' ? { pair: pair.value } : {};
    const { verdict, explained, milliseconds } = await route.classify({ text, ...second, model, explain: why.checked });
    if (question === asked) {
      const reasons = showExplanation({ explained, text, ...second });
      showVerdict({ verdict, milliseconds, policy: model.policy, readBy: route.name, reasons });
    }
    showError(undefined);
    document.querySelector('.answer')?.scrollIntoView({ block: 'nearest' });
  } catch (error) {
    showError(error);
  } finally {
    setBusy(false);
  }
}

async function loadModels(): Promise<void> {
  models = await fetchModels();
  select.replaceChildren(...models.map(({ name, version }) => new Option(`${name} ${version}`)));
  select.selectedIndex = Math.max(
    0,
    models.findIndex((model) => model.default),
  );
  find('model-field').hidden = models.length < 2;
  showFields();
}

/** A second text where the model reads two together; the examples are single texts. */
function showFields(): void {
  const pairs = models[select.selectedIndex]?.input === 'pair';
  find('pair-field').hidden = !pairs;
  find('examples').hidden = pairs;
}

function setBusy(now: boolean): void {
  busy = now;
  ask.setAttribute('aria-disabled', String(now));
  ask.textContent = now ? 'Reading…' : 'Ask the desk';
}

/** Where the server wants a key, the place to type it. */
function showError(error: unknown): void {
  const wanted = error instanceof KeyWanted;
  showProblem(error === undefined ? undefined : wanted && heldKey() === '' ? 'This server asks for a key.' : error instanceof Error ? error.message : String(error)); // biome-ignore format: one line
  find('key-form').hidden = !wanted;
}

function showProblem(message: string | undefined): void {
  const problem = find('problem');
  problem.hidden = message === undefined;
  problem.textContent = message ?? '';
  find('progress').hidden = true;
  if (message !== undefined) for (const id of ['verdict', 'empty']) find(id).hidden = true;
}

function countCharacters(): void {
  const { length } = [...story.value];
  find('count').textContent = `${length} character${length === 1 ? '' : 's'}`;
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void submit();
});
select.addEventListener('change', showFields);
for (const area of [story, pair]) {
  area.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
}
story.addEventListener('input', countCharacters);
why.addEventListener('change', () => {
  if (!why.checked) find('explanation').hidden = true;
  else if (!find('verdict').hidden) form.requestSubmit();
});
for (const button of document.querySelectorAll<HTMLButtonElement>('[data-example]')) {
  button.addEventListener('click', () => {
    story.value = button.dataset.example ?? '';
    countCharacters();
    form.requestSubmit();
  });
}
for (const name of ['server', 'browser'] as const) {
  find(`route-${name}`).addEventListener('change', () => {
    find('where-note').textContent = routes[name].note;
  });
}
find('key-form').addEventListener('submit', (event) => {
  event.preventDefault();
  holdKey(find<HTMLInputElement>('key').value);
  begin(story.value.trim() !== '');
});

/** @param withQuestion whether there was one that could not be asked */
function begin(withQuestion: boolean): void {
  loadModels().then(() => {
    showError(undefined);
    if (withQuestion) form.requestSubmit();
    else find('empty').hidden = false;
  }, showError);
}

begin(false);
