/** @file The Web Worker: loads bundles, checks them, and answers with the functions that the server uses. */
import { config } from 'zod';
import { type Classifier, createClassifier, type Manifest, type Policy, toVerdict, type Verdict } from '../../models/index.js';
import { createSession } from '../../models/runtime/web.js';
import { createTokenizer } from '../../models/text/web.js';
import { downloadFile, downloadManifest } from './download.js';

export type ToLocalWorker = {
  readonly id: number;
  readonly text: string;
  readonly pair?: string;
  readonly files: string;
  /** The thresholds of the server, whose word lists do not leave it; default: those of the bundle. */
  readonly policy?: Policy['labels'];
};
export type FromLocalWorker =
  | { readonly kind: 'loading'; readonly received: number; readonly total: number }
  | { readonly kind: 'verdict'; readonly id: number; readonly verdict: Verdict; readonly milliseconds: number }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };

type Loaded = { readonly manifest: Manifest; readonly classifier: Classifier };

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

async function answer({ id, text, pair, files, policy }: ToLocalWorker): Promise<void> {
  const loading = bundles.get(files) ?? load(files);
  bundles.set(files, loading);
  const { manifest, classifier } = await loading;
  const began = performance.now();
  const { logits, truncated } = await classifier.logits([pair === undefined ? text : [text, pair]]);
  const verdict = toVerdict(policy ? { ...manifest, policy: { labels: policy } } : manifest, logits[0]!, truncated[0]);
  say({ kind: 'verdict', id, verdict, milliseconds: performance.now() - began });
}

async function load(files: string): Promise<Loaded> {
  const manifest = await downloadManifest(files);
  const paths = ['tokenizer.json', manifest.models.fp32];
  const total = manifest.files.filter(({ path }) => paths.includes(path)).reduce((sum, { bytes }) => sum + bytes, 0);
  const received = new Map<string, number>();
  const [tokenizerJson, model] = await Promise.all(
    paths.map((path) =>
      downloadFile(files, manifest, path, (bytes) => {
        received.set(path, bytes);
        say({ kind: 'loading', received: [...received.values()].reduce((a, b) => a + b, 0), total });
      }),
    ),
  );
  const tokenizer = createTokenizer(new TextDecoder().decode(tokenizerJson));
  const threads = crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1;
  const session = await createSession(model!, { wasmPaths: new URL('/ort/', location.origin).href, threads });
  return { manifest, classifier: createClassifier({ session, tokenizer, ...manifest.text }) };
}
