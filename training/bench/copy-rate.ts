/** @file 10^9 bytes a second that one process moves through memory, while others do the same: each of them sends its rate. */

/** Floats: far more than caches hold. */
const floats = 16 * 2 ** 20;
const [seconds = '1'] = process.argv.slice(2);
const from = new Float32Array(floats).fill(1);
const to = new Float32Array(floats).fill(2);
let copies = 0;
const start = performance.now();
for (; performance.now() - start < 1000 * Number(seconds); copies++) to.set(from);
process.send?.((2 * 4 * floats * copies) / (performance.now() - start) / 1e6);
process.disconnect?.();
