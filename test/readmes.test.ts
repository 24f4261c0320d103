/** @file What the READMEs of the folders say: the files that they name are there, and what they show in TypeScript compiles today. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const folders = ['models', 'training', 'export', 'serving', 'cli', 'loadtest'];
const folder = mkdtempSync(join(tmpdir(), 'copydesk-samples-'));
afterAll(() => rmSync(folder, { recursive: true }));

const files = folders.flatMap((name) => (readdirSync(join(root, name), { recursive: true }) as string[]).map((path) => `${name}/${path}`));
const readmes = files
  .filter((path) => path.endsWith('README.md') && !path.includes('node_modules'))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
const samples = readmes.flatMap(({ path, text }) => [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => ({ path, code: code! })));

/** By name, the files that export it. */
const homes = new Map<string, string[]>();
for (const file of files.filter((path) => /(?<!\.(test|d))\.ts$/.test(path) && !path.includes('node_modules'))) {
  for (const [, name] of readFileSync(join(root, file), 'utf8').matchAll(/^export (?:async )?(?:const|function|class)\*? (\w+)/gm))
    homes.set(name!, [...(homes.get(name!) ?? []), file]);
}
const depthShared = (a: string, b: string): number => {
  const [these, those] = [a.split('/'), b.split('/')];
  const differs = these.findIndex((part, i) => part !== those[i]);
  return differs < 0 ? these.length : differs;
};

/** The sample with imports of what it calls, each from the file that lies nearest to the README. */
function asModule({ path, code }: (typeof samples)[number]): string {
  const own = new Set(
    [...code.matchAll(/(?:const|let) (?:(\w+)|[{[]([^=]*)[}\]]) =/g)].flatMap(([, one, several]) => (one ?? several!).match(/\w+/g)),
  );
  const names = [...new Set(code.match(/\b[A-Za-z]\w*(?=[(.<])/g))].filter((name) => homes.has(name) && !own.has(name));
  const imports = names.map((name) => {
    const nearest = homes
      .get(name)!
      .toSorted((a, b) => depthShared(b, dirname(path)) - depthShared(a, dirname(path)) || a.length - b.length)[0]!;
    return `import { ${name} } from '${join(root, nearest).replace(/\.ts$/, '.js')}';`;
  });
  return `${imports.join('\n')}\n${code.replaceAll(', … }', ', ...({} as any) }')}\nexport {};\n`;
}

test('what tables of the READMEs name first, and what links lead to, is there', () => {
  const missing = readmes.flatMap(({ path, text }) => {
    const rows = [...text.matchAll(/^\| `([^|]*)\|/gm)].flatMap(([, cell]) =>
      (`\`${cell}`.match(/`[a-z][\w./-]*\.ts`/g) ?? []).map((name) => name.slice(1, -1)),
    );
    const links = [...text.matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)].map(([, to]) => to!);
    return [...rows, ...links].filter((name) => !existsSync(join(root, dirname(path), name))).map((name) => `${path}: ${name}`);
  });
  expect(missing).toEqual([]);
});

test('samples of the READMEs compile; what they take as given may be anything', () => {
  expect(samples.length).toBeGreaterThan(20);
  samples.forEach((sample, i) => {
    writeFileSync(join(folder, `sample-${i}.ts`), asModule(sample));
  });
  writeFileSync(join(folder, 'wrong.ts'), "const wrong: number = 'a text';\n"); // the compiler was here
  const options = { extends: join(root, 'tsconfig.json'), include: ['*.ts'], exclude: [] };
  const compilerOptions = { rootDir: '/', noEmit: true, noUncheckedIndexedAccess: false, typeRoots: [join(root, 'node_modules/@types')] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ ...options, compilerOptions }));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const { stdout } = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], { encoding: 'utf8' });
  const problems = [...stdout.matchAll(/sample-(\d+)\.ts\(\d+,\d+\): error (TS\d+): (.*)/g)]
    .map(([, number, code, message]) => ({ sample: Number(number), code: code!, message: message! }))
    .filter(({ sample, code, message }) => {
      const name = /^Cannot find name '(\w+)'/.exec(message)?.[1];
      return !['TS2304', 'TS2552', 'TS18004'].includes(code) || new RegExp(`\\b${name}\\(|new ${name}\\b`).test(samples[sample]!.code);
    })
    .map(({ sample, code, message }) => `${samples[sample]!.path}: ${code} ${message}`);
  expect(stdout).toContain('wrong.ts(1,7): error TS2322');
  expect(problems).toEqual([]);
});
