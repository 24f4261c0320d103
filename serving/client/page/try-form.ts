/** @file A form that asks one route and shows what it answers. */
import { element } from './element.js';
import { keyHeaders } from './held-key.js';

type Asked = { readonly operationId: string; readonly parameters: readonly { readonly name: string; readonly in: 'path' | 'query' }[] };

/** @param example what the body starts as; `undefined`: the route reads none */
export function tryForm(path: string, method: string, { operationId, parameters }: Asked, example: unknown): HTMLElement {
  const form = element('form');
  const places = parameters
    .filter((parameter) => parameter.in === 'path')
    .map(({ name }) => {
      const input = element('input', '', 'place');
      input.id = `${operationId}-${name}`;
      input.required = true;
      const label = element('label', `${name} `);
      label.append(input);
      form.append(label);
      return { name, input };
    });
  const body = example === undefined ? undefined : element('textarea', JSON.stringify(example, null, 2));
  if (body) {
    body.rows = 8;
    body.setAttribute('aria-label', 'Body');
    form.append(body);
  }
  const send = element('button', 'Send', 'send');
  const answer = element('pre');
  answer.hidden = true;
  answer.setAttribute('aria-live', 'polite');
  form.append(send, answer);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const url = places.reduce((whole, { name, input }) => whole.replace(`{${name}}`, encodeURIComponent(input.value)), path);
    void ask(url, method, body?.value).then((text) => {
      answer.textContent = text;
      answer.hidden = false;
    });
  });
  return form;
}

async function ask(url: string, method: string, body: string | undefined): Promise<string> {
  const headers = { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...keyHeaders() };
  try {
    const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
    return `${response.status}\n${pretty(await response.text())}`;
  } catch (error) {
    return `The server was not reached: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text.slice(0, 10_000);
  }
}
