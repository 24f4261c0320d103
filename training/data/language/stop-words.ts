/** @file Words that carry grammar and not meaning: never replaced, never inserted. */
import { dictionaryLines } from './dictionary.js';
import type { Language } from './language.js';

const loaders: { readonly [L in Language]: () => Promise<ReadonlySet<string>> } = {
  en: async () => new Set(english.trim().split(/\s+/)),
  zh: async () => new Set((await dictionaryLines('stopword')).map((line) => line.trim())),
};

/** In lower case. */
export const loadStopWords = (language: Language): Promise<ReadonlySet<string>> => loaders[language]();

/** Articles, pronouns, prepositions, conjunctions, auxiliaries and negations: a text that loses its "not" has another label. */
const english = `
a an the this that these those
i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it its itself
they them their theirs themselves one ones oneself who whom whose which what whoever whatever whichever someone somebody something anyone
anybody anything everyone everybody everything nobody nothing none each either neither both all any some few many much more most less least
several such same other another others own
about above across after against along among amid around as at before behind below beneath beside besides between beyond by despite down
during except for from in inside into like near of off on onto out outside over past per since than through throughout till to toward
towards under until unto up upon via with within without
and but or nor so yet if because although though unless while whereas whether when whenever where wherever why how then else once
am is are was were be been being have has had having do does did doing done can could may might must shall should will would ought
not no never cannot can't couldn't don't doesn't didn't won't wouldn't shan't shouldn't mustn't mightn't isn't aren't wasn't weren't hasn't
haven't hadn't ain't
i'm i've i'd i'll you're you've you'd you'll he's he'd he'll she's she'd she'll it's it'll we're we've we'd we'll they're they've they'd
they'll that's there's here's what's who's let's
here there now just only very too also again further even still already ever quite rather
`;
