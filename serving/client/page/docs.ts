/** @file `/docs`: the server's own description, as a page on which each route can be tried. */
import { element } from './element.js';
import { heldKey, holdKey } from './held-key.js';
import { type JsonSchema, schemaText } from './schema-text.js';
import { tryForm } from './try-form.js';

type Content = Readonly<Record<string, { readonly schema: JsonSchema; readonly example?: unknown }>>;

export type RouteDescription = {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly security?: readonly object[];
  readonly parameters: readonly { readonly name: string; readonly in: 'path' | 'query' }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content: Content }>>;
};

type Description = {
  readonly info: { readonly version: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, RouteDescription>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
};

const byId = (id: string): HTMLElement => document.getElementById(id)!;

const key = byId('key') as HTMLInputElement;
key.value = heldKey();
key.addEventListener('input', () => holdKey(key.value));
byId('key-form').addEventListener('submit', (event) => event.preventDefault());

try {
  const response = await fetch('/openapi.json');
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  show((await response.json()) as Description);
} catch (error) {
  const problem = byId('problem');
  problem.textContent = `The description could not be read: ${error instanceof Error ? error.message : String(error)}.`;
  problem.hidden = false;
}

function show({ info, tags, paths, components }: Description): void {
  byId('about').textContent = `What this server answers, version ${info.version}`;
  const resolve = (ref: string): JsonSchema | undefined => components.schemas[ref.replace('#/components/schemas/', '')];
  const text = (schema: JsonSchema): string => schemaText(schema, resolve);
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, route]) => ({ path, method: method.toUpperCase(), route })),
  );
  for (const { name, description } of tags) {
    const own = routes.filter(({ route }) => route.tags.includes(name));
    byId('routes').append(element('h2', description), ...own.map(({ path, method, route }) => routeDetails(path, method, route, text)));
  }
}

function routeDetails(path: string, method: string, route: RouteDescription, text: (schema: JsonSchema) => string): HTMLElement {
  const details = element('details', '', 'route');
  details.id = route.operationId;
  const summary = element('summary');
  summary.append(element('span', method, 'method'), element('span', path, 'path'), element('span', route.summary, 'says'));
  const inside = element('div', '', 'inside');
  if (route.security) inside.append(element('p', 'Needs a key.', 'hint'));
  const body = route.requestBody?.content['application/json'];
  if (body) inside.append(element('h3', 'Takes'), element('pre', text(body.schema)));
  inside.append(...answersOf(route, text), element('h3', 'Try it'), tryForm(path, method, route, body?.example));
  details.append(summary, inside);
  return details;
}

/** Each answer with its form; then all refusals in one list, as they have one form. */
function answersOf({ responses }: RouteDescription, text: (schema: JsonSchema) => string): readonly HTMLElement[] {
  const all = Object.entries(responses).map(([status, { description, content }]) => {
    const [type, answer] = Object.entries(content)[0]!;
    return { status, description, type, schema: answer.schema };
  });
  const refusals = all.filter(({ schema }) => schema.$ref !== undefined);
  const list = element('ul');
  list.append(...refusals.map(({ status, description }) => element('li', `${status}: ${description}`)));
  return [
    ...all
      .filter(({ schema }) => schema.$ref === undefined)
      .flatMap(({ status, type, schema }) => [element('h3', status), element('pre', type === 'application/json' ? text(schema) : type)]),
    ...refusals.slice(0, 1).flatMap(({ schema }) => [element('h3', 'Refusals'), list, element('pre', text(schema))]),
  ];
}
