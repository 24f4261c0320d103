/** @file The page's part for those who know better: corrects verdicts, lists what was corrected, and gives or takes it as files. */
import type { ModelInfo } from '../../../protocol/index.js';
import { type Correction, type Learnt, toTrainingFile } from '../../web/index.js';
import type { Asked } from '../desk-form.js';
import { element } from '../element.js';
import { find } from '../find.js';
import { decisionWords } from '../show-verdict.js';
import { save } from '../table/table-form.js';
import { correctionKinds } from './correction-fields.js';
import type { PersonalStore, Standing } from './personal-store.js';
import type { Teacher } from './teacher.js';

export type PersonalFormParts = {
  readonly store: PersonalStore;
  readonly teacher: Teacher;
  /** The version that this device answers by, where it holds one, and whether that can be taught. */
  readonly current: () => { readonly info: ModelInfo; readonly teachable: boolean } | undefined;
  /** What the device answers has changed. */
  readonly onTaught: () => void;
  readonly inWords: (error: unknown) => string;
};

export type PersonalForm = { show(): Promise<void>; showAnswer(asked: Asked): void };

export function createPersonalForm({ store, teacher, current, onTaught, inWords }: PersonalFormParts): PersonalForm {
  let last: Asked | undefined;
  let learning: AbortController | undefined;
  const dialog = find<HTMLDialogElement>('discard-dialog');

  /** Under a verdict: whether it is a person's own, and what it should have been. */
  function showAnswer(asked: Asked): void {
    last = asked;
    const { answer, info } = asked;
    const { exported } = answer.personal ?? {};
    const shipped = exported && ('values' in exported ? Object.values(exported.values).join(', ') : `“${exported.label}”`);
    const own = 'values' in answer ? undefined : `“${answer.label}”`;
    const same = exported?.decision === answer.decision && (own === undefined || own === shipped);
    find('personal-verdict').hidden = exported === undefined;
    find('personal-verdict').textContent =
      exported === undefined ? '' : same ? 'Personal: by your corrections. The model as shipped says the same.' : `Personal: by your corrections. The model as shipped says ${shipped}: ${decisionWords[exported.decision].toLowerCase()}.`; // biome-ignore format: one idea
    find('correct').hidden = current()?.teachable !== true || current()?.info.name !== info.name;
    find<HTMLDetailsElement>('correct').open = false;
    find('correct-fields').replaceChildren(...correctionKinds[info.activation].fields(asked));
  }

  async function show(): Promise<void> {
    const model = current();
    find('personal').hidden = model === undefined;
    if (!model) return;
    const { info, teachable } = model;
    const { corrections, standing, head } = await teacher.state(info);
    find('personal-says').textContent = teachable
      ? standings[standing](`${info.name} ${info.version}`, corrections.length)
      : `${info.name} ${info.version} cannot be corrected here: its bundle does not carry what its head is taught by. Exported again with this version of copydesk, it does.`;
    find('correction-list').replaceChildren(...corrections.map((one) => lineOf(one, info)));
    const shown = {
      'learn-again': teachable && corrections.length > 0 && standing !== 'learnt',
      'export-corrections': corrections.length > 0,
      'export-head': head !== undefined,
      'import-head-field': teachable,
      discard: corrections.length > 0 || standing !== 'none',
    };
    for (const [id, visible] of Object.entries(shown)) find(id).hidden = !visible;
  }

  function lineOf(correction: Correction, info: ModelInfo): HTMLElement {
    const line = element('li');
    const text = element('span', correction.pair === undefined ? correction.text : `${correction.text} / ${correction.pair}`, 'corrected');
    text.dir = 'auto';
    const button = element('button', 'Take back', 'plain');
    button.type = 'button';
    button.setAttribute('aria-label', `Take back: ${correction.text.slice(0, 80)}`);
    button.addEventListener('click', () => void change(info, () => store.remove(info.name, correction)));
    line.append(text, element('span', correctionKinds[info.activation].words(correction)), button);
    return line;
  }

  /** One change at a time, and all corrections learnt after it. */
  async function change(info: ModelInfo, before: () => Promise<void>): Promise<void> {
    if (learning) return;
    learning = new AbortController();
    say('Learning…');
    find('learning').hidden = false;
    find('personal').scrollIntoView({ block: 'nearest' });
    try {
      await before();
      const learnt = await teacher.learn(info, {
        signal: learning.signal,
        onProgress: ({ right }) => say(`Learning… ${right} held so far.`),
      });
      say(learnt ? inSentences(learnt) : 'Nothing is corrected any more: the model answers as it was shipped.');
      onTaught();
    } catch (error) {
      say(learning.signal.aborted ? 'It was stopped. What you corrected is kept, and not learnt yet.' : `It is kept, but could not be learnt. ${inWords(error)}`); // biome-ignore format: one line
    } finally {
      learning = undefined;
      find('learning').hidden = true;
      await show();
    }
  }

  function say(words: string): void {
    find('learning-says').hidden = words === '';
    find('learning-says').textContent = words;
  }

  async function attempt(work: () => Promise<string>): Promise<void> {
    try {
      say(await work());
      onTaught();
    } catch (error) {
      say(inWords(error));
    }
    await show();
  }

  find('correct-form').addEventListener('submit', (event) => {
    event.preventDefault();
    const model = current();
    if (!last || !model) return;
    const { text, pair, info } = last;
    const said = correctionKinds[info.activation].read(new FormData(event.target as HTMLFormElement), info.labels);
    if (!said) return;
    void change(model.info, () => store.add(info.name, { text, ...(pair === undefined ? {} : { pair }), ...said }));
  });
  find('stop-learning').addEventListener('click', () => learning?.abort(new DOMException('It was stopped.', 'AbortError')));
  find('learn-again').addEventListener('click', () => {
    const model = current();
    if (model) void change(model.info, async () => {});
  });
  find('export-corrections').addEventListener('click', async () => {
    const model = current();
    if (model)
      save([toTrainingFile(await store.corrections(model.info.name))], `${model.info.name}.corrections.jsonl`, 'application/x-ndjson');
  });
  find('export-head').addEventListener('click', async () => {
    const model = current();
    const { head } = model ? await teacher.state(model.info) : { head: undefined };
    if (head)
      save(
        [head as Uint8Array<ArrayBuffer>],
        `${model!.info.name}-${model!.info.version}.personal.safetensors`,
        'application/octet-stream',
      );
  });
  const imported = find<HTMLInputElement>('import-head');
  imported.addEventListener('change', () => {
    const [file] = imported.files ?? [];
    const model = current();
    if (!file || !model) return;
    void attempt(async () => {
      await teacher.importHead(model.info, new Uint8Array(await file.arrayBuffer()));
      return 'The head in the file answers now. It is replaced when you correct something here.';
    });
    imported.value = '';
  });
  find('discard').addEventListener('click', () => dialog.showModal());
  dialog.addEventListener('close', () => {
    const model = current();
    if (dialog.returnValue === 'discard' && model)
      void attempt(async () => {
        await teacher.discard(model.info);
        return 'All of it is gone: the model answers as it was shipped.';
      });
    dialog.returnValue = '';
  });
  return { show, showAnswer };
}

const standings: { readonly [S in Standing]: (model: string, corrections: number) => string } = {
  none: () => 'Where a verdict is wrong, say what it should have been: this device learns it, and nothing of it leaves it.',
  learnt: (model, corrections) => `${model} answers by ${counted(corrections)} here, and nowhere else.`,
  imported: (model) => `${model} answers by a head that came as a file, on this device only.`,
  older: (model, corrections) =>
    corrections === 0
      ? `There is a head of another version; ${model} answers as it was shipped.`
      : `${model} is another version than the one that learnt ${counted(corrections)}, and answers as it was shipped until it learns ${corrections === 1 ? 'it' : 'them'} too.`,
  unlearnt: (model, corrections) => `${counted(corrections)} ${corrections === 1 ? 'is' : 'are'} kept, and not learnt by ${model} yet.`,
};

const counted = (corrections: number): string => (corrections === 1 ? 'your correction' : `your ${corrections} corrections`);

function inSentences({ corrections, right, changed }: Learnt): string {
  const held =
    right === corrections
      ? corrections === 1
        ? 'It is learnt.'
        : `All ${corrections} are learnt.`
      : `${right} of ${corrections} are learnt; the others would change too much else.`;
  return `${held} Of other texts, about ${(100 * changed).toFixed(changed < 0.1 ? 1 : 0)} % are answered otherwise now.`;
}
