/** @file The Web Worker: loads bundles, checks them, and answers with the functions that the server uses. */
import { config } from 'zod';
import {
  type Classifier,
  createClassifier,
  type Manifest,
  type Policy,
  readingsOf,
  type TextInput,
  type Tokenizer,
  toVerdict,
  type Verdict,
} from '../../models/index.js';
import { createSession } from '../../models/runtime/web.js';
import { createTokenizer } from '../../models/text/web.js';
import { createOcclusion, labelToExplain, usualCalls } from '../explain/index.js';
import type { Explained } from '../protocol/index.js';
import { downloadFile, downloadManifest, type Place } from './download.js';

export type ToLocalWorker = {
  readonly id: number;
  readonly text: string;
  readonly pair?: string;
  readonly files: string;
  /** Of the server, where it asks for one; a worker has no memory of the tab. */
  readonly key: string;
  /** The thresholds of the server, whose word lists do not leave it; default: those of the bundle. */
  readonly policy?: Policy['labels'];
  /** Whether to tell which words made the verdict. */
  readonly explain?: boolean;
};
export type FromLocalWorker =
  | { readonly kind: 'loading'; readonly received: number; readonly total: number }
  | {
      readonly kind: 'verdict';
      readonly id: number;
      readonly verdict: Verdict;
      readonly explained: Explained | undefined;
      readonly milliseconds: number;
    }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };

type Loaded = { readonly manifest: Manifest; readonly classifier: Classifier; readonly tokenizer: Tokenizer };

config({ jitless: true }); // the page's policy forbids making code from strings

/** By the address of its files; a bundle that failed to load is tried again. */
const bundles = new Map<string, Promise<Loaded>>();
const say = (message: FromLocalWorker): void => postMessage(message);

addEventListener('message', ({ data }: MessageEvent<ToLocalWorker>) => {
  answer(data).catch((error: unknown) => {
    bundles.delete(data.files);
    say({ kind: 'failed', id: data.id, message: error instanceof Error ? error.message : String(error) });
  });
});

async function answer({ id, text, pair, files, key, policy, explain }: ToLocalWorker): Promise<void> {
  const loading = bundles.get(files) ?? load({ files, key });
  bundles.set(files, loading);
  const { manifest, classifier, tokenizer } = await loading;
  const began = performance.now();
  const input: TextInput = pair === undefined ? text : [text, pair];
  const { logits, truncated } = await classifier.logits([input]);
  const verdict = toVerdict(policy ? { ...manifest, policy: { labels: policy } } : manifest, logits[0]!, truncated[0]);
  const explained = explain ? await tellWhy({ manifest, classifier, tokenizer }, input, verdict, logits[0]!) : undefined;
  say({ kind: 'verdict', id, verdict, explained, milliseconds: performance.now() - began });
}

/** With the functions that the server uses, and as many calls as it makes unless told otherwise. */
async function tellWhy(
  { manifest, classifier, tokenizer }: Loaded,
  input: TextInput,
  verdict: Verdict,
  logits: Float32Array,
): Promise<Explained> {
  const { maxTokens, pairs } = manifest.text;
  const explain = createOcclusion({
    ask: async (inputs) => (await classifier.logits(inputs)).logits,
    read: async (one) => (await tokenizer.encode(readingsOf([one], pairs).inputs, maxTokens)).flatMap(({ ids }) => ids),
    calls: Math.floor(usualCalls / readingsOf([input], pairs).inputs.length),
  });
  const truncated = verdict.truncated === true;
  return { explanation: await explain({ input, rules: manifest, label: labelToExplain(verdict), logits, truncated }) };
}

async function load(from: Place): Promise<Loaded> {
  const manifest = await downloadManifest(from);
  const paths = ['tokenizer.json', manifest.models.fp32];
  const total = manifest.files.filter(({ path }) => paths.includes(path)).reduce((sum, { bytes }) => sum + bytes, 0);
  const received = new Map<string, number>();
  const [tokenizerJson, model] = await Promise.all(
    paths.map((path) =>
      downloadFile(from, manifest, path, (bytes) => {
        received.set(path, bytes);
        say({ kind: 'loading', received: [...received.values()].reduce((a, b) => a + b, 0), total });
      }),
    ),
  );
  const tokenizer = createTokenizer(new TextDecoder().decode(tokenizerJson));
  const threads = crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1;
  const session = await createSession(model!, { wasmPaths: new URL('/ort/', location.origin).href, threads });
  return { manifest, classifier: createClassifier({ session, tokenizer, ...manifest.text }), tokenizer };
}
