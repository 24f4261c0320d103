/** @file What a verdict should have been, as fields: one label, any labels, or values. */
import type { LabelVerdict, ValueVerdict } from '../../../../models/index.js';
import type { ModelInfo } from '../../../protocol/index.js';
import type { Correction } from '../../web/index.js';
import type { Asked } from '../desk-form.js';
import { element } from '../element.js';

type Kind = {
  /** What is chosen first: as it was answered. */
  fields(asked: Asked): readonly HTMLElement[];
  read(form: FormData, labels: readonly string[]): Pick<Correction, 'label' | 'labels' | 'value'> | undefined;
  /** What a correction says, in words. */
  words(correction: Correction): string;
};

export const correctionKinds: { readonly [A in ModelInfo['activation']]: Kind } = {
  softmax: {
    fields: ({ answer, info }) => info.labels.map((label) => choice('radio', label, (answer as LabelVerdict).label === label)),
    read: (form) => {
      const label = form.get('label');
      return typeof label === 'string' ? { label } : undefined;
    },
    words: ({ label }) => `“${label}”`,
  },
  sigmoid: {
    fields: ({ answer, info }) =>
      info.labels.map((label) => choice('checkbox', label, (answer as LabelVerdict).labels?.includes(label) === true)),
    read: (form) => ({ labels: form.getAll('label').map(String) }),
    words: ({ labels = [] }) => (labels.length === 0 ? 'no label' : labels.map((label) => `“${label}”`).join(', ')),
  },
  none: {
    fields: ({ answer, info }) => info.labels.map((label) => amount(label, (answer as ValueVerdict).values[label] ?? 0)),
    read: (form, labels) => {
      const value = labels.map((label) => Number.parseFloat(String(form.get(label))));
      return value.every(Number.isFinite) ? { value } : undefined;
    },
    words: ({ value }) => String(value),
  },
};

function choice(type: 'radio' | 'checkbox', label: string, checked: boolean): HTMLElement {
  const input = element('input');
  [input.type, input.name, input.value, input.checked] = [type, 'label', label, checked];
  const line = element('label', '', 'choice');
  line.append(input, ` ${label}`);
  return line;
}

function amount(name: string, value: number): HTMLElement {
  const input = element('input');
  [input.type, input.name, input.step, input.required, input.value] = ['number', name, 'any', true, String(Number(value.toPrecision(4)))];
  const line = element('label', '', 'choice');
  line.append(`${name} `, input);
  return line;
}
