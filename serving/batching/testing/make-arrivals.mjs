/**
 * @file Writes `arrivals.tsv`: forty seconds of traffic as a newsroom's desk sees it. `node make-arrivals.mjs > arrivals.tsv`; the same each time.
 *
 * Readers' tools send single texts, and in bursts (a story breaks) five times as many; a few clients send lists whose sizes have
 * a heavy tail, up to 256; lengths in tokens are log-normal, headlines at the median and whole articles, cut at 256, in the tail.
 */
const seconds = 40;
let state = 20_260_731;
const random = () => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return (state + 0.5) / 2 ** 32;
};
const normal = () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
const tokens = () => Math.max(3, Math.min(256, Math.round(20 * Math.exp(0.7 * normal()))));
/** Pareto with an infinite mean, cut. */
const listSize = () => Math.min(256, Math.floor(4 / random() ** 1.1));

const lines = [];
let bursting = false;
for (let ms = 0; ms < seconds * 1_000; ms++) {
  if (random() < (bursting ? 1 / 700 : 1 / 4_000)) bursting = !bursting;
  if (random() < (bursting ? 0.2 : 0.04)) {
    const client = `reader-${Math.floor(40 * random() ** 3)}`; // a few ask often, most seldom
    lines.push([ms, client, tokens()].join('\t'));
  }
  if (random() < 0.003) {
    const client = `importer-${Math.floor(3 * random())}`;
    lines.push([ms, client, Array.from({ length: listSize() }, tokens).join(' ')].join('\t'));
  }
}
process.stdout.write(`${lines.join('\n')}\n`);
