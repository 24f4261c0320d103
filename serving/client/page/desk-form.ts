/** @file The form: a story goes in, a verdict is shown. */
import type { ModelInfo } from '../../protocol/index.js';
import { type Answer, CopydeskError } from '../asking/index.js';
import { find } from './find.js';
import { heldKey } from './held-key.js';
import type { ModelChoice } from './model-choice.js';
import type { Route, RouteName } from './routes.js';
import { showExplanation } from './show-explanation.js';
import { showVerdict } from './show-verdict.js';

/** A verdict as it was shown, and what it is of. */
export type Asked = { readonly text: string; readonly pair?: string; readonly answer: Answer; readonly info: ModelInfo };

export type DeskForm = {
  chosenRoute(): RouteName;
  choose(route: RouteName): void;
  /** Asks what stands there, if anything does. */
  again(): void;
  /** `undefined`: all is well again. */
  showError(error: unknown): void;
};

export type DeskFormParts = {
  readonly routes: { readonly [R in RouteName]: Route };
  readonly models: ModelChoice;
  readonly onAnswer: (asked: Asked) => void;
};

export function createDeskForm({ routes, models, onAnswer }: DeskFormParts): DeskForm {
  const form = find<HTMLFormElement>('desk');
  const story = find<HTMLTextAreaElement>('story');
  const pair = find<HTMLTextAreaElement>('pair');
  const ask = find<HTMLButtonElement>('ask');
  const why = find<HTMLInputElement>('why');
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
      if (!models.current()) await models.load();
      const model = models.current();
      if (!model) throw new Error('The server has no model.');
      const route = routes[chosenRoute()];
      const second = model.input === 'pair' ? { pair: pair.value } : {};
      const reader = await route.open(model);
      const began = performance.now();
      const answer = await reader.use((classifier) => classifier.classify({ text, ...second }, { explain: why.checked }));
      const milliseconds = performance.now() - began;
      if (question === asked) show({ text, ...second, answer, info: reader.info }, milliseconds, route);
      showError(undefined);
      document.querySelector('.answer')?.scrollIntoView({ block: 'nearest' });
    } catch (error) {
      showError(error);
    } finally {
      setBusy(false);
    }
  }

  function show(one: Asked, milliseconds: number, route: Route): void {
    const reasons = showExplanation(one);
    showVerdict({ verdict: one.answer, milliseconds, policy: one.info.policy, readBy: route.name, reasons });
    onAnswer(one);
  }

  function setBusy(now: boolean): void {
    busy = now;
    ask.setAttribute('aria-disabled', String(now));
    ask.textContent = now ? 'Reading…' : 'Ask the desk';
  }

  /** Where the server wants a key, the place to type it. */
  function showError(error: unknown): void {
    const wanted = error instanceof CopydeskError && error.code === 'unauthorized';
    const message = error === undefined ? undefined : wanted && heldKey() === '' ? 'This server asks for a key.' : inWords(error);
    find('problem').hidden = message === undefined;
    find('problem').textContent = message ?? '';
    find('key-form').hidden = !wanted;
    if (message !== undefined) for (const id of ['verdict', 'empty', 'progress']) find(id).hidden = true;
  }

  function countCharacters(): void {
    const { length } = [...story.value];
    find('count').textContent = `${length} character${length === 1 ? '' : 's'}`;
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void submit();
  });
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
  const showNote = (): void => {
    find('where-note').textContent = routes[chosenRoute()].note;
  };
  for (const name of ['server', 'browser'] as const) find(`route-${name}`).addEventListener('change', showNote);

  return {
    chosenRoute,
    choose(route) {
      find<HTMLInputElement>(`route-${route}`).checked = true;
      showNote();
    },
    again() {
      if (story.value.trim() !== '') form.requestSubmit();
    },
    showError,
  };
}

/** What went wrong, for a person. */
export function inWords(error: unknown): string {
  if (error instanceof CopydeskError) return error.code === 'unreachable' ? unreachable : `${error.message}. ${error.fix}.`;
  return error instanceof Error ? error.message : String(error);
}
const unreachable = 'The server cannot be reached. Is it still running?';
