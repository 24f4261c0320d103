/** @file Texts for load tests, each another one: equal texts that wait together are computed once, and would flatter the server. */

export type Kind = 'headline' | 'paragraph' | 'article';

/** Sentences in a text, from and to. A sentence has 10 to 19 words. */
export const sentencesOf: { readonly [K in Kind]: readonly [from: number, to: number] } = {
  headline: [1, 1],
  paragraph: [3, 6],
  article: [18, 30],
};

/** Shares of the kinds; they sum to 1. `mixed` is what a comment section with some long posts sends. */
export const mixes = {
  headlines: { headline: 1, paragraph: 0, article: 0 },
  mixed: { headline: 0.7, paragraph: 0.25, article: 0.05 },
} as const satisfies Record<string, { readonly [K in Kind]: number }>;

export type Mix = keyof typeof mixes;

// biome-ignore format: lists of words
const parts = [
  [
    'The harbour board', 'A retired bus driver', 'The school choir', 'Her neighbour', 'The night editor', 'A group of anglers',
    'The water company', 'One stubborn goat', 'The regional court', 'A family of bakers', 'The chess club', 'Your favourite ferry',
    'The island doctor', 'A young surveyor', 'The weather office', 'Nobody at the library', 'The orchestra', 'A tired goalkeeper',
    'The land registry', 'His former landlord', 'The beekeepers',
  ],
  [
    'quietly replaced', 'will never forget', 'has measured', 'sold', 'argued for weeks about', 'found', 'is rebuilding', 'apologised for',
    'photographed', 'lost', 'painted over', 'wants to ban', 'finally opened', 'cannot explain', 'was fined for', 'gave away', 'insured',
    'counted', 'renamed',
  ],
  [
    'the oldest lighthouse lamp', 'forty garden chairs', 'a secret staircase', 'the winter timetable', 'every second parking place',
    'the town clock', 'a box of unsent letters', 'the flood gate', 'three kilometres of fence', 'an entire apple harvest',
    'the wrong bridge', 'a very small museum', 'its own rules', 'the last telephone booth', 'the fish market roof', 'a borrowed piano',
    'the ice rink', 'half of the minutes', 'the new tram stop', 'a map without names', 'the morning train', 'seven wooden boats',
    'the tax form',
  ],
  [
    'behind the old mill', 'in the northern district', 'on the way to work', 'near the canal', 'at the county fair', 'under the motorway',
    'across the bay', 'beside the fire station', 'in front of the cameras', 'between two elections', 'above the bakery',
    'outside the stadium', 'along the coast road',
  ],
  [
    'before the rain came', 'for the third time this year', 'and the reason will surprise you', 'according to the audit',
    'despite the warnings', 'after eleven hours', 'while everyone slept', 'because of a typing error', 'without asking anyone',
    'until the wind drops', 'as prices rose again', 'during the long weekend', 'says the treasurer', 'and you can see why',
    'to save forty euros', 'for no reason at all', 'in less than a minute',
  ],
] as const;

/** Sentences until one comes again. */
export const sentences = parts.reduce((product, list) => product * list.length, 1);

/** Has no factor in common with `sentences`, so that counting by it meets every sentence once. */
const stride = 1_048_583;

function sentence(index: number): string {
  let rest = (index * stride) % sentences;
  const words = parts.map((list) => {
    const word = list[rest % list.length]!;
    rest = Math.floor(rest / list.length);
    return word;
  });
  return words.join(' ');
}

/** A number in [0, 1) that goes with `index`: the same in every run (a step of mulberry32). */
function chance(index: number): number {
  let x = (index + 0x6d2b79f5) | 0;
  x = Math.imul(x ^ (x >>> 15), x | 1);
  x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
  return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
}

export function kindAt(index: number, mix: Mix): Kind {
  const at = chance(index);
  const { headline, paragraph } = mixes[mix];
  return at < headline ? 'headline' : at < headline + paragraph ? 'paragraph' : 'article';
}

/** Texts of the same kind differ for any two indices below `sentences`, in their first sentence. */
export function textAt(index: number, mix: Mix): { readonly kind: Kind; readonly text: string } {
  const kind = kindAt(index, mix);
  const [from, to] = sentencesOf[kind];
  const count = from + Math.floor(chance(index + 7_919) * (to - from + 1));
  const first = sentence(index);
  if (count === 1) return { kind, text: first };
  const others = Array.from({ length: count - 1 }, (_, i) => sentence(index + 104_729 * (i + 1)));
  return { kind, text: `${[first, ...others].join('. ')}.` };
}
