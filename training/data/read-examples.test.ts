import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readExamples } from './read-examples.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copydesk-data-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(name: string, content: string | Buffer, limits = {}) {
  const path = join(folder, name);
  await writeFile(path, name.endsWith('.gz') ? gzipSync(content) : content);
  return readExamples(path, limits);
}

describe('what can be read', () => {
  const expected = [
    { text: 'one, "two"', label: 'a', line: 1 },
    { text: 'drei', label: 'b', line: 2 },
  ];
  const lines = '{"text": "one, \\"two\\"", "label": "a", "votes": 3}\n{"text": "drei", "label": "b"}\n';
  const array = `[${lines.trim().replace('\n', ',\n')}]`;
  const csv = 'text,label\n"one, ""two""",a\ndrei,b\n';
  test.each([
    ['plain.jsonl', lines],
    ['plain.ndjson', lines],
    ['lines.json', lines],
    ['array.json', array],
    ['zipped.jsonl.gz', lines],
    ['zipped.json.gz', array],
    ['windows.jsonl', lines.replaceAll('\n', '\r\n')],
    ['marked.jsonl', `\ufeff${lines}`],
    ['no-last-newline.jsonl', lines.trimEnd()],
  ])('%s', async (name, content) => {
    expect(await read(name, content)).toEqual(expected);
  });
  test.each([
    ['plain.csv', csv],
    ['zipped.csv.gz', csv],
    ['marked.csv', `\ufeff${csv}`],
    ['semicolons.csv', 'text;label\r\n"one, ""two""";a\r\ndrei;b\r\n'],
    ['tabs.csv', 'text\tlabel\n"one, ""two"""\ta\ndrei\tb\n'],
    ['plain.tsv', 'label\ttext\na\tone, "two"\nb\tdrei\n'],
  ])('%s, with a header', async (name, content) => {
    expect(await read(name, content)).toEqual(expected.map((example) => ({ ...example, line: example.line + 1 })));
  });

  test('numbers and booleans as labels become strings; blank lines do not count; pairs are kept', async () => {
    const content = '{"text": "a", "label": 1}\n\n{"text": "b", "label": false, "pair": "c"}\n{"text": "d", "label": "x", "pair": null}\n';
    expect(await read('kinds.jsonl', content)).toEqual([
      { text: 'a', label: '1', line: 1 },
      { text: 'b', label: 'false', pair: 'c', line: 3 },
      { text: 'd', label: 'x', line: 4 },
    ]);
  });

  test('the header of a CSV file may follow blank lines and hold commas in quotes', async () => {
    const [example] = await read('header.csv', '\n\n"text";"label";"time, if known, and by whom"\nHello;news;\n');
    expect(example).toEqual({ text: 'Hello', label: 'news', line: 4 });
  });

  test('a tab-separated field may begin with a quotation mark', async () => {
    expect(await read('quoted.tsv', 'text\tlabel\n"Foo" said the bar\tnews\n')).toMatchObject([
      { text: '"Foo" said the bar', label: 'news' },
    ]);
  });

  test('characters that straddle chunks of the file are whole', async () => {
    const text = 'é中😀'.repeat(40_000);
    expect((await read('long.jsonl', JSON.stringify({ text, label: 'a' })))[0]!.text).toBe(text);
  });
});

describe('what cannot is named with file, line and what to do', () => {
  const good = '{"text": "a", "label": "x"}\n';
  const utf16 = Buffer.from(`\ufeff${good}`, 'utf16le');
  test.each<[string, string | Buffer, RegExp]>([
    ['not-json.jsonl', `${good}{'text': 'b'}\n`, /not-json\.jsonl:2: not JSON.*\{'text'.*Fix: write one JSON object a line/],
    ['comma.json', '[{"text": "a", "label": "x"},\n{"text": "b" "label": "y"}]', /comma\.json:2: not JSON.*Fix:/],
    [
      'no-text.jsonl',
      `${good}{"headline": "b", "label": "x"}`,
      /no-text\.jsonl:2: no text: the row has "headline", "label"\. Fix: rename "headline" to "text"/,
    ],
    ['no-label.jsonl', '{"text": "a", "lable": "x"}', /no-label\.jsonl:1: no label.*Fix: rename "lable" to "label"/],
    ['null-label.jsonl', '{"text": "a", "label": null}', /null-label\.jsonl:1: label is null\. Fix: give the row a label, or remove it/],
    ['other.jsonl', '{"Titel": "a", "label": "x"}', /other\.jsonl:1: no text.*Fix: give every row a "text", or set data\.fields\.text/],
    ['number.jsonl', '{"text": 5, "label": "x"}', /number\.jsonl:1: text is the number 5, not a string\. Fix:/],
    ['list.jsonl', '{"text": "a", "label": ["x"]}', /list\.jsonl:1: label is a list, not a string\. Fix: give one label/],
    ['pair.jsonl', '{"text": "a", "label": "x", "pair": 3}', /pair\.jsonl:1: pair is the number 3.*Fix:/],
    ['string.jsonl', `${good}"text"`, /string\.jsonl:2: not an object but the string text\. Fix:/],
    ['blank.jsonl', '{"text": "  ", "label": "x"}', /blank\.jsonl:1: text is empty\. Fix: remove the row/],
    ['blank-label.csv', 'text,label\na,\n', /blank-label\.csv:2: label is empty\. Fix:/],
    ['many.jsonl', `{"text": "a"}\n${good}{"text": "b"}\n{"text": "c"}`, /many\.jsonl:1: no label.*and 2 more rows cannot be used: 3, 4/],
    ['empty.jsonl', '', /empty\.jsonl: holds no example\. Fix:/],
    ['header-only.csv', 'text,label\n', /header-only\.csv: holds no example\. Fix:/],
    ['header.csv', 'Text,Label\na,x\n', /header\.csv:2: no text: the row has "Text", "Label"\. Fix: rename "Text" to "text"/],
    ['fields.csv', 'text,label\na,x\nHello, world,y\n', /fields\.csv:3: .*Fix: give each row as many fields as the header/],
    [
      'latin.jsonl',
      Buffer.concat([Buffer.from(good), Buffer.from('{"text": "caf\xe9", "label": "x"}', 'latin1')]),
      /latin\.jsonl:2: not UTF-8 after .*caf.*Fix: .*WINDOWS-1252/,
    ],
    ['utf16.jsonl', utf16, /utf16\.jsonl:1: the file is UTF-16, not UTF-8\. Fix: .*iconv -f UTF-16/],
    ['unmarked.jsonl', utf16.subarray(2), /unmarked\.jsonl:1: holds a NUL byte\. Fix:.*UTF-16/],
    ['hidden-gzip.jsonl', gzipSync(good), /hidden-gzip\.jsonl:1: the file is gzip.*Fix: rename it/],
    ['data.txt', good, /data\.txt: the name does not say what is in it\. Fix: name it \.jsonl/],
  ])('%s', async (name, content, message) => {
    await expect(read(name, content)).rejects.toThrow(message);
  });

  test('a gzip file that was cut short', async () => {
    const path = join(folder, 'cut.jsonl.gz');
    const whole = gzipSync(Array.from({ length: 999 }, (_, i) => JSON.stringify({ text: `text ${i * i}`, label: 'x' })).join('\n'));
    await writeFile(path, whole.subarray(0, whole.length / 2));
    await expect(readExamples(path)).rejects.toThrow(/cut\.jsonl\.gz: cannot be decompressed.*Fix: check it with: gzip -t/);
  });

  test('a small gzip that unpacks to a huge line is refused before it fills the memory', async () => {
    await expect(read('bomb.jsonl.gz', Buffer.alloc(50_000_000, 'a'))).rejects.toThrow(
      /bomb\.jsonl\.gz:1: the line is longer than 1 MiB.*Fix:/,
    );
  });

  test('a file that unpacks to more than the limit is refused', async () => {
    await expect(read('big.jsonl.gz', good.repeat(50_000), { totalBytes: 2 ** 20 })).rejects.toThrow(
      /big\.jsonl\.gz:\d+: the file is larger than 1 MiB.*Fix:/,
    );
  });

  test('a missing file names what the folder holds', async () => {
    await read('trian.jsonl', good);
    await expect(readExamples(join(folder, 'train.jsonl'))).rejects.toThrow(
      /there is no such file; .* holds .*Fix: did you mean trian\.jsonl\?/,
    );
    await expect(readExamples(join(folder, 'nowhere', 'a.jsonl'))).rejects.toThrow(/there is no folder.*Fix:/);
    await expect(readExamples(`${folder}/../${folder.split('/').at(-1)}`)).rejects.toThrow(/does not say what is in it/);
  });
});
