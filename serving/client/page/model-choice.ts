/** @file Which models can be asked: those that the server names or, where it does not answer, those that this device holds. */
import type { ModelInfo } from '../../protocol/index.js';
import type { HeldModels } from './device/held-models.js';
import { find } from './find.js';
import { fetchModels, isSilence } from './routes.js';

export type ModelChoice = {
  /** The one that is chosen. */
  current(): ModelInfo | undefined;
  /** Whether the server did not answer the last time. */
  readonly offline: boolean;
  /** Those of the server; empty where it does not answer. */
  readonly served: readonly ModelInfo[];
  /** @throws CopydeskError where the server does not answer, and this device holds none */
  load(): Promise<void>;
};

/** @param onChange another model is chosen, or models came or went */
export function createModelChoice(held: HeldModels, onChange: () => void): ModelChoice {
  const select = find<HTMLSelectElement>('model');
  let models: readonly ModelInfo[] = [];
  let offline = false;
  let loading: Promise<void> | undefined;

  async function load(): Promise<void> {
    let listed: readonly ModelInfo[];
    await held.loaded;
    try {
      listed = await fetchModels({ hurried: held.all.size > 0 });
      offline = false;
    } catch (error) {
      if (held.all.size === 0 || !isSilence(error)) throw error;
      listed = [...held.all.values()];
      offline = true;
    }
    show(listed);
  }

  function show(listed: readonly ModelInfo[]): void {
    const before = models[select.selectedIndex]?.name;
    models = listed;
    select.replaceChildren(...models.map(({ name, version }) => new Option(`${name} ${version}`)));
    const at = (wanted: (model: ModelInfo) => boolean): number => models.findIndex(wanted);
    const same = before === undefined ? -1 : at(({ name }) => name === before);
    select.selectedIndex = Math.max(0, same >= 0 ? same : at((model) => model.default));
    find('model-field').hidden = models.length < 2;
    showFields();
  }

  /** A second text where the model reads two together; the examples are single texts. */
  function showFields(): void {
    const pairs = models[select.selectedIndex]?.input === 'pair';
    find('pair-field').hidden = !pairs;
    find('examples').hidden = pairs;
    onChange();
  }

  select.addEventListener('change', showFields);
  return {
    current: () => models[select.selectedIndex] ?? models[0],
    get offline() {
      return offline;
    },
    get served() {
      return offline ? [] : models;
    },
    load() {
      loading ??= load().finally(() => {
        loading = undefined;
      });
      return loading;
    },
  };
}
