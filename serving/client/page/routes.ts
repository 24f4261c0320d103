/** @file The two ways to a verdict: the server, or this browser. Both are the package that other pages use. */
import type { ModelInfo } from '../../protocol/index.js';
import { type Classifier, CopydeskError } from '../asking/index.js';
import { createClient } from '../remote/index.js';
import type { HeldModels } from './device/held-models.js';
import { heldKey } from './held-key.js';

export type RouteName = 'server' | 'browser';

/** What answers: of the model that was asked for, perhaps an older version. */
export type Reader = {
  readonly info: ModelInfo;
  use<T>(work: (classifier: Classifier) => Promise<T>): Promise<T>;
};

export type Route = {
  readonly name: string;
  readonly note: string;
  readonly open: (model: ModelInfo) => Promise<Reader>;
};

const url = location.origin;

export function createRoutes(held: HeldModels): { readonly [R in RouteName]: Route } {
  const clients = new Map<string, Classifier>();
  return {
    server: {
      name: 'the server',
      note: 'The text is sent to the server that gave you this page.',
      async open(info) {
        const model = `${info.name}@${info.version}`;
        const client = clients.get(model) ?? createClient({ url, key: heldKey, model });
        clients.set(model, client);
        return { info, use: (work) => work(client) };
      },
    },
    browser: {
      name: 'this browser',
      note: 'The model is fetched once; the text never leaves this device.',
      open: (info) => held.open(info),
    },
  };
}

/** @param hurried somebody waits who could go on without
 *  @throws CopydeskError */
export async function fetchModels({ hurried }: { readonly hurried: boolean }): Promise<readonly ModelInfo[]> {
  const client = createClient({ url, key: heldKey, ...(hurried ? { retries: 0, timeout: 4_000 } : {}) });
  try {
    return await client.models();
  } finally {
    client.dispose();
  }
}

/** Whether an error says that no server of ours answered: none, none in time, or a network's own page in place of it. */
export const isSilence = (error: unknown): boolean =>
  error instanceof CopydeskError && (silence.has(error.code) || (error.status !== undefined && error.status >= 502 && error.status <= 504));
const silence: ReadonlySet<string> = new Set(['unreachable', 'deadline-exceeded', 'answer-invalid']);
