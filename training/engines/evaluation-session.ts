import { buildClassifier, type Session, type SessionOptions, toOnnx } from '../../models/index.js';
import { createSession } from '../../models/runtime/node.js';
import type { StepDefinition } from '../trainer/step.js';

/** The classifier without dropout, its parameters fed at each run; gives `logits`. */
export async function evaluationSession({ architecture, labels }: StepDefinition, options: SessionOptions): Promise<Session> {
  const { builder, logits } = buildClassifier(architecture, { labels });
  return createSession(toOnnx(builder.graph([logits]), { outputNames: new Map([[logits.name, 'logits']]) }), options);
}
