/** @file Which execution provider runs: the first asked for that works here, with the reasons why earlier ones did not. */
import { UsageError } from '../errors.js';
import type { Provider } from './session.js';

export type Opened<T> = { readonly opened: T; readonly provider: Provider; readonly fallbacks: readonly string[] };

/**
 * Tries `providers` in order. ONNX Runtime throws when one is absent instead of passing on to the next, so that is done here.
 *
 * @param unsupported for each provider, why it can never run in this program, or `null`
 * @throws UsageError `runtime/model` when the last one, `cpu` or `wasm`, fails to load the model: the fault is then the model's; else `runtime/provider`
 */
export async function openFirst<T>(
  providers: readonly Provider[],
  unsupported: Readonly<Record<Provider, string | null>>,
  open: (provider: Provider) => Promise<T>,
): Promise<Opened<T>> {
  const fallbacks: string[] = [];
  for (const provider of providers) {
    const reason = unsupported[provider];
    if (reason !== null) {
      fallbacks.push(`${provider}: ${reason}.`);
      continue;
    }
    try {
      return { opened: await open(provider), provider, fallbacks };
    } catch (error) {
      const what = firstLine(error);
      if (provider === 'cpu' || provider === 'wasm') {
        throw new UsageError(
          'runtime/model',
          `session: the model could not be loaded: ${what}`,
          'check that it is a whole .onnx file that this version of ONNX Runtime can read.',
        );
      }
      fallbacks.push(`${provider}: ${what}`);
    }
  }
  throw new UsageError(
    'runtime/provider',
    `session: none of the providers [${providers.join(', ')}] works here: ${fallbacks.join(' ')}`,
    "add 'cpu' (in a browser 'wasm') as the last one.",
  );
}

/** What the runtime says, without the place in its source. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split('\n')[0] ?? message).replace(/^\/\S+:\d+ .*? was false\. /, '');
}

/** Why the one provider that was asked for does not work, out of the error that says so. */
export function whyNot(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (/works here: \w+: (.*?)\.? Fix: /s.exec(message)?.[1] ?? message).replace(/\.$/, '');
}
