/** @file A model tried on one provider, in a process of its own: libraries that do not fit can end the process that loads them. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { findBundles, packageFolder } from '../../models/bundle/node.js';
import { createClassifier, type Provider } from '../../models/index.js';
import { openWitnessed, whyNot } from '../../models/runtime/node.js';
import { createTokenizer } from '../../models/text/node.js';
import type { ProviderProbe } from './machine-facts.js';

/** What the program is started with to carry out `probeHere`. */
export type SelfCommand = { readonly file: string; readonly args: readonly string[] };

/** Asks a second process, and waits for it a minute and a half. */
export function probeProvider(provider: Provider, { file, args }: SelfCommand): Promise<ProviderProbe> {
  return new Promise((resolve) => {
    const options = { timeout: 90_000, maxBuffer: 1e6 };
    execFile(file, [...args, 'doctor', '--probe', provider], options, (error, stdout) => {
      const line = stdout.trim().split('\n').at(-1) ?? '';
      if (line.startsWith('{')) return resolve(JSON.parse(line) as ProviderProbe);
      const ended = error?.killed
        ? 'it did not answer within 90 seconds'
        : `the process ended (${error?.signal ?? error?.code ?? 'silently'})`;
      resolve({ works: false, reason: ended });
    });
  });
}

/** Runs the smallest model that ships with the package for half a second. */
export async function probeHere(provider: Provider): Promise<ProviderProbe> {
  try {
    const bundles = await findBundles([join(packageFolder(), 'models', 'zoo')]);
    const [bundle] = bundles.sort((a, b) => bytesOf(a) - bytesOf(b));
    if (!bundle) return { works: false, reason: 'no model came with this installation' };
    const { maxTokens, ...rules } = bundle.manifest.text;
    const tokenizer = await createTokenizer(bundle.tokenizerJson);
    const texts = Array.from({ length: 8 }, () => 'The council voted on Tuesday to repair the harbour wall');
    let textsPerSecond = 0;
    const { session, placement } = await openWitnessed(bundle.modelPath(), { providers: [provider], threads: 1 }, async (opened) => {
      await createClassifier({ session: opened, tokenizer, maxTokens, ...rules }).logits(texts);
    });
    const classifier = createClassifier({ session, tokenizer, maxTokens, ...rules });
    await classifier.logits(texts); // what a first run sets up is no part of its speed
    const began = performance.now();
    let done = 0;
    while (performance.now() - began < 500) {
      await classifier.logits(texts);
      done += texts.length;
    }
    textsPerSecond = done / ((performance.now() - began) / 1000);
    await session.dispose();
    return { works: true, provider: session.provider, operations: placement, textsPerSecond };
  } catch (error) {
    return { works: false, reason: whyNot(error) };
  }
}

const bytesOf = ({ manifest }: { readonly manifest: { readonly files: readonly { readonly bytes: number }[] } }): number =>
  manifest.files.reduce((sum, { bytes }) => sum + bytes, 0);
