/** @file `<copy-desk for="story" bundle="/models/headlines-en">`: the verdict on a text while it is being written. */
import type { Answer, Classifier } from '../asking/index.js';
import { createReader, type Reader } from './reader.js';
import { type Share, shareClassifier } from './shared-classifier.js';
import { createView, namedLabel, type State } from './show-state.js';
import { languageOf, type Words, words } from './words.js';

type Field = HTMLTextAreaElement | HTMLInputElement;

/** Of `copydesk-verdict` (cancelable: then the verdict is not shown, and holds nothing up) and of `hold`. */
export type VerdictDetail = { readonly text: string; readonly verdict: Answer };

/**
 * Attributes: `for` (id of the field; else the first one inside), `bundle` or `url` (with `model`), `assets`, `lang`, `delay` (milliseconds of a pause,
 * 400), `minlength` (characters from which a text is read, 3), `enforce` (a blocked text makes the field invalid, and a form is not sent before its
 * text is read), `name` (the decision is sent with the form).
 */
export class CopyDesk extends HTMLElement {
  static readonly formAssociated = true;
  static readonly observedAttributes = ['for', 'bundle', 'url', 'model', 'assets', 'lang'];

  readonly #internals = this.attachInternals();
  readonly #view: (state: State, words: Words) => void;
  readonly #reader: Reader;
  #state: State = { kind: 'idle' };
  #field: Field | undefined;
  #form: HTMLFormElement | undefined;
  #own: Classifier | undefined;
  #share: Share | undefined;
  #verdict: Answer | undefined;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    this.#view = createView(root);
    root.prepend(document.createElement('slot'));
    this.#reader = createReader({
      classifier: () => this.#source(),
      pause: () => Number(this.getAttribute('delay') ?? 400),
      least: () => Number(this.getAttribute('minlength') ?? 3),
      onReading: () => this.#reading(),
      onAnswer: (text, answer) => this.#answered(text, answer),
      onFailure: (error) => this.#failed(error),
      onNothing: () => this.#forget({ kind: 'idle' }),
    });
  }

  /** Of the text as it stands; `undefined` until it is read. */
  get verdict(): Answer | undefined {
    return this.#verdict;
  }

  /** Used in place of `bundle` and `url`; whoever gives it disposes of it. */
  get classifier(): Classifier | undefined {
    return this.#own;
  }
  set classifier(own: Classifier | undefined) {
    this.#own = own;
    this.#restart();
  }

  connectedCallback(): void {
    // A field inside, or one further down the page, may not be there yet.
    if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', this.#attach, { once: true });
    else queueMicrotask(this.#attach);
  }

  disconnectedCallback(): void {
    this.#detach();
    this.#share?.release();
    this.#share = undefined;
  }

  attributeChangedCallback(name: string): void {
    if (name === 'lang') this.#show(this.#state);
    else if (name === 'for') this.#attach();
    else this.#restart();
  }

  #attach = (): void => {
    this.#detach();
    if (!this.isConnected) return;
    const id = this.getAttribute('for');
    const root = this.getRootNode() as Document | ShadowRoot;
    this.#field = (id === null ? this.querySelector('textarea, input') : root.getElementById(id)) as Field | undefined;
    this.#field?.addEventListener('input', this.#written);
    this.#form = this.#field?.form ?? undefined;
    this.#form?.addEventListener('submit', this.#submitted, { capture: true });
    this.#form?.addEventListener('reset', this.#wasReset);
    if (this.#field?.value) this.#written();
  };

  #detach(): void {
    this.#reader.stop();
    this.#forget({ kind: 'idle' });
    this.#field?.removeEventListener('input', this.#written);
    this.#form?.removeEventListener('submit', this.#submitted, { capture: true });
    this.#form?.removeEventListener('reset', this.#wasReset);
    this.#field = undefined;
    this.#form = undefined;
  }

  /** Another source answers from now on. */
  #restart(): void {
    this.#share?.release();
    this.#share = undefined;
    if (this.#field) this.#attach();
  }

  #source(): Classifier | undefined {
    if (this.#own) return this.#own;
    const [bundle, url, model, assets] = ['bundle', 'url', 'model', 'assets'].map((name) => this.getAttribute(name)) as (string | null)[];
    this.#share ??= shareClassifier({ bundle: bundle!, url: url!, model: model!, assets: assets! }, (progress) => {
      if (progress.phase === 'download' && this.#state.kind !== 'verdict')
        this.#show({ kind: 'loading', percent: progress.total === 0 ? 0 : Math.floor((100 * progress.received) / progress.total) });
      else if (this.#state.kind === 'loading') this.#show({ kind: 'reading' });
    });
    return this.#share?.classifier;
  }

  #written = (): void => {
    if (!this.#reader.write(this.#field?.value ?? '')) return;
    // What was said of another text holds no longer; it stays in sight until there is better. What went wrong with it is no excuse for this one.
    if (this.#state.kind === 'failed') this.#show({ kind: 'idle' });
    this.#verdict = undefined;
    this.#internals.setFormValue(null);
    this.#field?.setCustomValidity('');
  };

  #reading(): void {
    if (this.#state.kind !== 'verdict' && this.#state.kind !== 'loading') this.#show({ kind: 'reading' });
  }

  #answered(text: string, answer: Answer): void {
    const detail: VerdictDetail = { text, verdict: answer };
    const options = { bubbles: true, composed: true, detail };
    this.#verdict = answer;
    if (!this.dispatchEvent(new CustomEvent('copydesk-verdict', { ...options, cancelable: true }))) {
      this.#show({ kind: 'idle' });
      return;
    }
    this.#internals.setFormValue(answer.decision);
    if (answer.decision === 'block' && this.hasAttribute('enforce'))
      this.#field?.setCustomValidity(this.#words.refused(namedLabel(answer)));
    this.#show({ kind: 'verdict', answer });
    if (answer.decision === 'review') this.dispatchEvent(new CustomEvent('hold', options));
  }

  #failed(error: unknown): void {
    this.#forget({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  }

  #forget(state: State): void {
    this.#verdict = undefined;
    this.#internals.setFormValue(null);
    this.#field?.setCustomValidity('');
    this.#show(state);
  }

  /** A form that is sent before its text is read waits for that. What cannot be read is let through: the page must not fail with the network. */
  #submitted = (event: SubmitEvent): void => {
    if (!this.hasAttribute('enforce') || this.#verdict || this.#state.kind === 'failed' || !this.#source()) return;
    const least = Number(this.getAttribute('minlength') ?? 3);
    if ([...(this.#field?.value.trim() ?? '')].length < least) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const [form, { submitter }] = [this.#form, event];
    void this.#reader.finish().then(() => form?.requestSubmit(submitter));
  };

  #wasReset = (): void => queueMicrotask(this.#written);

  get #words(): Words {
    return words[languageOf(this.closest<HTMLElement>('[lang]')?.lang ?? document.documentElement.lang)];
  }

  #show(state: State): void {
    this.#state = state;
    this.#view(state, this.#words);
  }
}
