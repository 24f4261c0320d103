/** @file `copydesk policy check`: whether a server would take a policy file, and what in it may not be meant. */
import { allThresholds, type PolicyBook, type PolicyFile, readPolicyBook, readPolicyFile } from '../serving/index.js';
import { openClassifier } from './open-classifier.js';
import { print, say, type Terminal } from './terminal.js';

export type CheckOptions = { readonly model: readonly string[]; readonly json?: true };

/** @throws UsageError `config/*` for what a server would refuse */
export async function checkPolicyFile(terminal: Terminal, path: string, { model: folders, json }: CheckOptions): Promise<void> {
  const file = await readPolicyFile(path);
  const book = await readPolicyBook(path);
  const models = await Promise.all(folders.map(rulesOf));
  if (models.length > 0) book.check(models);
  else say(terminal, 'without --model, labels and thresholds are not compared with any model');
  const remarks = [...strangers(file, models), ...unused(file), ...blockedAndAllowed(book), ...upsideDown(book, models)];
  const thresholds = Object.fromEntries(models.map((one) => [`${one.name}@${one.version}`, book.thresholds(one)]));
  const lists = book.lists.map(({ name, action, language, words }) => ({ name, action, language, words: words.length }));
  if (json) return print(terminal, JSON.stringify({ ok: true, policy: book.key, thresholds, lists, remarks }));
  for (const remark of remarks) say(terminal, `note: ${remark}`);
  for (const [name, labels] of Object.entries(thresholds))
    for (const [label, { review, block }] of Object.entries(labels))
      await print(
        terminal,
        `${name}  ${label}: review ${review === null ? 'never' : `from ${review}`}, block ${block === null ? 'never' : `from ${block}`}`,
      );
  for (const { name, action, language, words } of lists)
    await print(terminal, `list ${name}: ${words} word${words === 1 ? '' : 's'}, ${action}, language ${[language].flat().join(', ')}`);
  await print(terminal, `ok ${book.key}`);
}

async function rulesOf(folder: string) {
  const { rules, close } = await openClassifier(folder);
  await close();
  return rules;
}

type Models = readonly Awaited<ReturnType<typeof rulesOf>>[];

function strangers(file: PolicyFile, models: Models): string[] {
  if (models.length === 0) return [];
  const known = models.flatMap(({ name, version }) => [name, `${name}@${version}`]);
  const named = allThresholds(file).flatMap(({ where, thresholds }) => Object.keys(thresholds).map((name) => ({ where, name })));
  return named.filter(({ name }) => !known.includes(name)).map(({ where, name }) => `${where}.${name} is for none of the models given`);
}

function unused({ lists, use, variants }: PolicyFile): string[] {
  if (use === undefined) return [];
  const used = [use, ...Object.values(variants).map((variant) => variant.use ?? [])].flat();
  return Object.keys(lists).flatMap((name) => (used.includes(name) ? [] : [`lists.${name} is used nowhere`]));
}

function blockedAndAllowed({ lists }: PolicyBook): string[] {
  const allowed = new Set(lists.filter(({ action }) => action === 'allow').flatMap(({ words }) => words));
  return lists
    .filter(({ action }) => action !== 'allow')
    .flatMap(({ name, words }) => {
      const both = words.filter((word) => allowed.has(word));
      return both.length === 0 ? [] : [`lists.${name}: ${both.length} of its words are allowed by another list, so they never count there`];
    });
}

function upsideDown(book: PolicyBook, models: Models): string[] {
  return models.flatMap((model) =>
    Object.entries(book.thresholds(model)).flatMap(([label, { review, block }]) =>
      review !== null && block !== null && block < review
        ? [`${model.name}: ${label} is blocked from ${block} and reviewed from ${review}, so it is never reviewed`]
        : [],
    ),
  );
}
