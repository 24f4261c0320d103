import type { OpFamily, TensorType } from '../../../../models/index.js';
import { attribute } from '../attributes.js';
import type { TensorflowOps } from '../write-graph.js';

export const normalization: TensorflowOps<OpFamily['normalization']> = {
  Softmax: ({ w, node }, [x], { axis }) => {
    const rank = node.inputs[0]!.shape.length;
    const at = axis < 0 ? axis + rank : axis;
    if (at === rank - 1) return [w.add('Softmax', [x!])];
    const exchanged = Array.from({ length: rank }, (_, i) => (i === at ? rank - 1 : i === rank - 1 ? at : i)); // its own inverse
    const perm = w.constant(exchanged);
    return [w.add('Transpose', [w.add('Softmax', [w.add('Transpose', [x!, perm])]), perm])];
  },
  LayerNormalization: ({ w, node }, [x, scale, bias], { axis, epsilon }) => {
    const rank = node.inputs[0]!.shape.length;
    const from = axis < 0 ? axis + rank : axis;
    const axes = w.constant(Array.from({ length: rank - from }, (_, i) => from + i));
    const mean = w.add('Mean', [x!, axes], { attributes: { keep_dims: attribute.bool(true) } });
    const centred = w.add('Sub', [x!, mean]);
    const variance = w.add('Mean', [w.add('Mul', [centred, centred]), axes], { attributes: { keep_dims: attribute.bool(true) } });
    const inverse = w.add('Rsqrt', [w.add('AddV2', [variance, w.constant(epsilon, x!.type as TensorType)])]);
    const normal = w.add('Mul', [centred, inverse]);
    return [w.add('AddV2', [w.add('Mul', [normal, scale!]), bias!]), mean, inverse];
  },
};
