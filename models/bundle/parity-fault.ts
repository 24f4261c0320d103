import type { Parity } from './manifest.js';

/** What speaks against a model file by its own parity record; undefined: nothing. Safe in a browser. */
export function parityFault({ maxLogitDifference, tolerance, labelAgreement, accuracy }: Parity): string | undefined {
  if (!accuracy) {
    // A NaN must not pass for small.
    return maxLogitDifference <= tolerance
      ? undefined
      : `its logits differ by up to ${maxLogitDifference} from those of the trained model, more than ${tolerance}`;
  }
  const { figure, trained, exported, mostLost, leastAgreement } = accuracy;
  if (!(labelAgreement >= leastAgreement))
    return `it answers ${share(labelAgreement)} of the texts as the trained model does, not ${share(leastAgreement)}`;
  if (trained !== null && !(trained - (exported ?? Number.NaN) <= mostLost))
    return `its ${figure} is ${exported?.toFixed(4) ?? 'not defined'} where that of the trained model is ${trained.toFixed(4)}, more than ${mostLost} less`;
  return undefined;
}

const share = (part: number): string => `${(100 * part).toFixed(1)} %`;
