import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTime } from './fields.js';
import { type ReadOptions, readExamples } from './read-examples.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copydesk-fields-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(name: string, content: string | readonly object[], options: ReadOptions = {}) {
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : content.map((row) => JSON.stringify(row)).join('\n'));
  return readExamples(path, options);
}

describe('what a row may hold', () => {
  test('several labels: a list, a cell with bars between, none at all; each once', async () => {
    const rows = [{ text: 'a', labels: ['x', 'y', 'x'] }, { text: 'b', labels: [] }, { text: 'c', labels: [3] }]; // biome-ignore format: one table
    expect((await read('several.jsonl', rows)).map(({ labels }) => labels)).toEqual([['x', 'y'], [], ['3']]);
    const cells = await read('several.csv', 'text,labels\na,x|y\nb,\nc,"z"\n');
    expect(cells.map(({ labels }) => labels)).toEqual([['x', 'y'], [], ['z']]);
  });

  test('where several labels are asked for, one label will do', async () => {
    expect(await read('one.jsonl', [{ text: 'a', label: 'x' }], { task: 'multi-label' })).toEqual([{ text: 'a', labels: ['x'], line: 1 }]);
  });

  test('values: numbers, strings of them, several', async () => {
    const rows = [{ text: 'a', value: 3.5 }, { text: 'b', value: '-2' }, { text: 'c', value: [1, '0.5'] }]; // biome-ignore format: one table
    expect((await read('values.jsonl', rows)).map(({ value }) => value)).toEqual([[3.5], [-2], [1, 0.5]]);
    expect((await read('values.tsv', 'text\tvalue\na\t4|2e1\n'))[0]!.value).toEqual([4, 20]);
  });

  test('a column for each label: 1 and 0, true and false, shares from a half on', async () => {
    const fields = { text: 'comment_text', labels: ['toxic', 'threat', 'insult'] };
    const csv = 'id,comment_text,toxic,threat,insult\n1,a,1,0,0\n2,b,0,0,0\n3,c,TRUE,false,0.5\n4,d,0.49,1.0,1\n';
    expect((await read('columns.csv', csv, { fields })).map(({ labels }) => labels)).toEqual([
      ['toxic'],
      [],
      ['toxic', 'insult'],
      ['threat', 'insult'],
    ]);
    const rows = [{ comment_text: 'a', toxic: true, threat: 0, insult: '1' }];
    expect((await read('columns.jsonl', rows, { fields }))[0]!.labels).toEqual(['toxic', 'insult']);
  });

  test('a column for each value of a regression', async () => {
    const fields = { value: ['anger', 'joy'] };
    expect((await read('values.csv', 'text,anger,joy\na,0.5,-3\n', { fields }))[0]!.value).toEqual([0.5, -3]);
  });

  test('the first row decides the task where nothing else does; a label comes before labels and values', async () => {
    const rows = [{ text: 'a', label: 'x', labels: ['y'], value: 1 }];
    expect(await read('first.jsonl', rows)).toEqual([{ text: 'a', label: 'x', line: 1 }]);
    expect((await read('first.jsonl', rows, { task: 'regression' }))[0]).toEqual({ text: 'a', value: [1], line: 1 });
    expect((await read('first.jsonl', rows, { fields: { labels: 'labels' } }))[0]).toMatchObject({ labels: ['y'] });
  });

  test('names: strings or objects with the key entity, each once; time and group beside them', async () => {
    const rows = [
      { text: 'a', label: 1, entities: ['Reuters', ' Reuters ', 'Kyiv', ''], time: 1519862400, group: 7 },
      { text: 'b', label: 1, entities: [{ entity: '新华社' }], time: '2018-03-01', group: 'wire' },
      { text: 'c', label: 1, entities: 'Kyiv|Lviv' },
    ];
    expect(await read('extras.jsonl', rows)).toEqual([
      { text: 'a', label: '1', entities: ['Reuters', 'Kyiv'], time: 1519862400, group: '7', line: 1 },
      { text: 'b', label: '1', entities: ['新华社'], time: 1519862400, group: 'wire', line: 2 },
      { text: 'c', label: '1', entities: ['Kyiv', 'Lviv'], line: 3 },
    ]);
  });

  test('the fields of other data sets are read by their own names', async () => {
    const pairs = [{ sentence1: 'how to pay', sentence2: 'paying', label: '0' }];
    const fields = { text: 'sentence1', pair: 'sentence2' };
    expect(await read('pairs.json', JSON.stringify(pairs), { fields })).toEqual([
      { text: 'how to pay', pair: 'paying', label: '0', line: 1 },
    ]);
    const news = [{ content: '桥今天开放', label: 'real', time: '2018-03-01 12:00:00', entity_list: [{ entity: '桥', type: 'place' }] }];
    expect(await read('news.json', JSON.stringify(news), { fields: { text: 'content', entities: 'entity_list' } })).toEqual([
      { text: '桥今天开放', label: 'real', time: 1519905600, entities: ['桥'], line: 1 },
    ]);
  });

  test('a field that has our name by chance is left out when it cannot be read; one that the config names is not', async () => {
    const rows = [{ text: 'a', label: 'x', time: 'half past two', entities: 4 }];
    expect(await read('chance.jsonl', rows)).toEqual([{ text: 'a', label: 'x', entities: ['4'], line: 1 }]);
    await expect(read('chance.jsonl', rows, { fields: { time: 'time' } })).rejects.toThrow(
      /chance\.jsonl:1: time is the string half past two, which cannot be read as a time\. Fix: give Unix seconds/,
    );
  });

  test('votes: an object of counts, or a cell; what merely has this name is left out', async () => {
    const rows = [{ text: 'a', label: 'x', votes: { x: 2, y: 0 } }, { text: 'b', label: 'x', votes: 17 }]; // biome-ignore format: one table
    expect((await read('votes.jsonl', rows)).map(({ votes }) => votes)).toEqual([{ x: 2, y: 0 }, undefined]);
    const cells = await read('votes.csv', 'text,label,votes\na,x,x:2|y: 1\nb,x,\n');
    expect(cells.map(({ votes }) => votes)).toEqual([{ x: 2, y: 1 }, undefined]);
    await expect(read('votes.jsonl', rows, { fields: { votes: 'votes' } })).rejects.toThrow(
      /votes\.jsonl:2: votes is the number 17, not counts/,
    );
    await expect(read('none.jsonl', [{ text: 'a', label: 'x', votes: { x: 0 } }], { fields: { votes: 'votes' } })).rejects.toThrow(
      /not counts/,
    );
  });

  test('without labels only the texts are read', async () => {
    const rows = [{ text: 'a', label: 'x' }, { text: 'b', labels: 5 }, { text: 'c', pair: 'd' }]; // biome-ignore format: one table
    expect(await read('none.jsonl', rows, { labelled: false })).toEqual([
      { text: 'a', line: 1 },
      { text: 'b', line: 2 },
      { text: 'c', pair: 'd', line: 3 },
    ]);
  });

  test('a file without a row is an empty list for who asks so', async () => {
    for (const [name, content] of [
      ['a.json', '[]'],
      ['a.jsonl', ''],
      ['a.csv', 'text,label\n'],
      ['b.csv', ''],
    ] as const) {
      // biome-ignore format: one table
      expect(await read(name, content, { mayBeEmpty: true })).toEqual([]);
      await expect(read(name, content)).rejects.toThrow(/holds no example\. Fix:/);
    }
  });
});

describe('times are UTC unless they say otherwise', () => {
  test.each([
    ['2018-03-01', 1519862400],
    ['2018-03-01 12:00', 1519905600],
    ['2018-03-01T12:00:00Z', 1519905600],
    ['2018-03-01T12:00:00.500+01:00', 1519902000.5],
    ['1519862400', 1519862400],
    [-86400, -86400],
    [new Date(1519862400000), 1519862400],
  ])('%s', (given, seconds) => {
    expect(readTime(given)).toEqual({ value: seconds });
  });

  test.each([
    ['01/03/2018', /cannot be read as a time/],
    ['2018-13-01', /cannot be read as a time/],
    [true, /cannot be read as a time/],
    [1519862400000, /beyond the year 3000/],
  ])('refused: %s', (given, message) => {
    const read = readTime(given);
    expect('what' in read && `${read.what} ${read.fix}`).toMatch(message);
  });
});

describe('what cannot be used is named with line and what to do', () => {
  test.each<[string, string | readonly object[], ReadOptions, RegExp]>([
    ['labels.jsonl', [{ text: 'a', labels: [['x']] }], {}, /labels\.jsonl:1: labels is \[\["x"\]\], not a list of names\. Fix: give a list/],
    ['hole.jsonl', [{ text: 'a', labels: ['x', ''] }], {}, /hole\.jsonl:1: labels is .*Fix:/],
    ['value.jsonl', [{ text: 'a', value: 1 }, { text: 'b', value: 'high' }], {}, /value\.jsonl:2: value is the string high, not a number\. Fix:/],
    ['infinite.jsonl', [{ text: 'a', value: '1e999' }], {}, /infinite\.jsonl:1: value is .*Fix:/],
    ['mixed.jsonl', [{ text: 'a', labels: ['x'] }, { text: 'b', tags: ['y'] }], {}, /mixed\.jsonl:2: no labels: the row has "text", "tags"\. Fix: rename "tags" to "labels", or set data\.fields\.labels to "tags"/],
    ['unscored.csv', 'text,a,b\nx,1,0\ny,-1,-1\n', { fields: { labels: ['a', 'b'] } }, /unscored\.csv:3: a is .*-1, not between 0 and 1\. Fix: give 1 where the text has the label .* take rows out that nobody labelled/],
    ['list.jsonl', [{ text: 'a', x: [], y: 1 }], { fields: { labels: ['x', 'y'] } }, /list\.jsonl:1: x is \[\], not between 0 and 1/],
    ['column.csv', 'text,toxic,threats\nx,1,0\n', { fields: { labels: ['toxic', 'threat'] } }, /column\.csv:2: no threat: the row has "text", "toxic", "threats"\. Fix: .*did you mean "threats"\?/],
    ['number.csv', 'text,anger,joy\nx,1,much\n', { fields: { value: ['anger', 'joy'] } }, /number\.csv:2: joy is the string much, not a number/],
    ['marks.csv', 'id,text,toxic,threat\n0,x,1,0\n', {}, /marks\.csv:2: no label: .*where a column says 0 or 1 for each label, set data\.fields\.labels to \["toxic","threat"\]/],
    ['mark.csv', 'id,text,is_clickbait\n0,x,1\n', {}, /mark\.csv:2: no label: .*Fix: rename "is_clickbait" to "label", or set data\.fields\.label to "is_clickbait"/],
    ['headless.tsv', 'A long first row of text\t1\nanother text\t0\n', {}, /headless\.tsv:2: no text: .*Fix: the first line names the columns, and here it is a row: put a line such as text,label above it/],
    ['renamed.jsonl', [{ text: 'a', klass: 'x' }], { fields: { label: 'class' } }, /renamed\.jsonl:1: no class: .*Fix: rename "klass" to "class"/],
    ['entities.jsonl', [{ text: 'a', label: 'x', names: [{ name: 'b' }] }], { fields: { entities: 'names' } }, /entities\.jsonl:1: entities is .*Fix: give a list such as/],
    ['group.jsonl', [{ text: 'a', label: 'x', source: ['b'] }], { fields: { group: 'source' } }, /group\.jsonl:1: group is \["b"\], not a name\. Fix:/],
  ])('%s', async (name, rows, options, message) => {
    await expect(read(name, rows, options)).rejects.toThrow(message);
  }); // biome-ignore format: one table
});
