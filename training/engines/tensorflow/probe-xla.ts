import type { NativeTfjs } from '../load-tfjs.js';
import { SavedModelWriter, type Stage } from './saved-model-writer.js';
import { loadSignatures } from './signatures.js';

export type XlaProbe = { readonly works: true } | { readonly works: false; readonly reason: string };

/** Whether XLA compiles: one small step of a model with a variable, as a training step is one. */
export async function probeXla(tf: NativeTfjs): Promise<XlaProbe> {
  const port = { name: 'x', type: 'float32', shape: [2] } as const;
  const file = new SavedModelWriter();
  file.variable('sum', [2]);
  file.clear('clear', ['sum']);
  const add: Stage = {
    name: 'add_x',
    feeds: [port],
    variables: ['sum'],
    returns: [{ ...port, name: 'y' }],
    compiled: true,
    write(w, given) {
      const sum = given.get('sum')!;
      const next = w.add('AddV2', [w.read(sum, 'float32'), given.get('x')!]);
      w.store(sum, next);
      return [next];
    },
  };
  file.procedure('add', [add], ['y']);
  const signatures = await loadSignatures(tf, file.finish());
  try {
    signatures.run('clear', {});
    const feeds = { x: { type: 'float32', dims: [2], data: Float32Array.of(1, 2) } } as const;
    signatures.run('add', feeds);
    const second = signatures.run('add', feeds).get('y')!;
    return second.join() === '2,4' ? { works: true } : { works: false, reason: `1 + 1 and 2 + 2 came out as ${second.join(' and ')}` };
  } catch (error) {
    return { works: false, reason: (error instanceof Error ? error.message : String(error)).split('\n')[0]! };
  } finally {
    signatures.dispose();
  }
}
