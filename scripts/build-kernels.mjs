/** Assembles training/kernels/kernels.wat into kernels-binary.ts, so that nothing needs an assembler at run time. */
import { readFileSync, writeFileSync } from 'node:fs';
import wabt from 'wabt';

const folder = new URL('../training/kernels/', import.meta.url);

export async function assemble() {
  const { parseWat } = await wabt();
  const { buffer } = parseWat('kernels.wat', readFileSync(new URL('kernels.wat', folder), 'utf8'), { simd: true }).toBinary({});
  return Buffer.from(buffer).toString('base64');
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const text = `/** @file kernels.wat, assembled by \`npm run build:kernels\`. Not to be edited. */\nexport const kernelsBinary =\n  '${await assemble()}';\n`;
  writeFileSync(new URL('kernels-binary.ts', folder), text);
}
