/** @file TensorFlow, the second training engine: the package, its native library, XLA. */
import type { Judge } from './finding.js';

export const tensorflowFindings: Judge<'tensorflow'> = ({ package: name, addon, probe }) => {
  if (name === undefined) {
    const fix =
      '`npm install @tensorflow/tfjs-node-gpu@4.22.0` (NVIDIA GPU) or `@tensorflow/tfjs-node@4.22.0` downloads TensorFlow. Where that is refused: the same with ' +
      '`--ignore-scripts`, then `copydesk doctor --build-tensorflow --python PATH` with a Python that has TensorFlow.';
    return [{ state: 'absent', text: 'no second training engine; the first needs nothing', fix }];
  }
  if (!addon) {
    const fix =
      'install it again on a network that allows its download, or run `copydesk doctor --build-tensorflow --python PATH` with a Python that has TensorFlow.';
    return [{ state: 'absent', text: `${name} is installed without its native library`, fix }];
  }
  if (probe === undefined || !probe.works) {
    const reason = probe === undefined ? 'it was not tried' : probe.reason.replace(/\.$/, '');
    const fix = 'build it against the TensorFlow that is here now: `copydesk doctor --build-tensorflow --python PATH`.';
    return [{ state: 'hint', text: `${name} is installed, and does not load: ${reason}`, fix }];
  }
  const text = `TensorFlow ${probe.version ?? ''} on the ${probe.device} by ${name}`.replace('  ', ' ');
  const use = 'train with it by `copydesk train --device tfjs`.';
  if (probe.withoutXla === undefined) return [{ state: 'ok', text: `${text}; XLA compiles training steps`, fix: use }];
  return [{ state: 'ok', text: `${text}, without XLA (${probe.withoutXla}): steps run uncompiled, about a third slower`, fix: use }];
};
