/** @file What a step runs on, by the name that a person gives it, as engine and provider. */
import { add, GraphBuilder, type Provider, toOnnx, UsageError } from '../../models/index.js';
import { createSession, whyNot } from '../../models/runtime/node.js';
import type { EngineOptions } from './engine.js';
import type { EngineKind } from './engines.js';

export const devices = ['auto', 'cpu', 'cuda', 'webgpu', 'tfjs'] as const;
export type Device = (typeof devices)[number];
export type DeviceChoice = { readonly engine: EngineKind; readonly provider: NonNullable<EngineOptions['provider']> };

/** Why a provider cannot be used here; `undefined` where it can. An argument for tests. */
export type AskProvider = (provider: Provider) => Promise<string | undefined>;

/** @throws UsageError `training/engine` where the device is not there, with what to do */
export const chooseDevice = (device: Device, ask: AskProvider = providerProblem): Promise<DeviceChoice> => choices[device](ask);

const choices: { readonly [D in Device]: (ask: AskProvider) => Promise<DeviceChoice> } = {
  // WebGPU is taken only where it is asked for: a software driver passes for one, a hundred times slower than the CPU.
  auto: async (ask) => ({ engine: 'onnx', provider: (await ask('cuda')) === undefined ? 'cuda' : 'cpu' }),
  cpu: async () => ({ engine: 'onnx', provider: 'cpu' }),
  async cuda(ask) {
    await checkProvider('cuda', ask);
    return { engine: 'onnx', provider: 'cuda' };
  },
  async webgpu(ask) {
    await checkProvider('webgpu', ask);
    return { engine: 'webgpu', provider: 'cpu' };
  },
  tfjs: async () => ({ engine: 'tensorflow', provider: 'cpu' }),
};

/** @throws UsageError `training/engine` where it cannot be used */
export async function checkProvider(provider: Provider, ask: AskProvider = providerProblem): Promise<void> {
  const problem = await ask(provider);
  if (problem === undefined) return;
  throw new UsageError(
    'training/engine',
    `device ${provider}: it cannot be used here (${problem})`,
    '`npx copydesk doctor` says what is missing; `--device cpu` trains without.',
  );
}

/** Tries a model of one node. */
async function providerProblem(provider: Provider): Promise<string | undefined> {
  const g = new GraphBuilder();
  const x = g.input('x', [1]);
  try {
    await (await createSession(toOnnx(g.graph([add(g, x, x)])), { providers: [provider] })).dispose();
    return undefined;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return whyNot(error);
  }
}
