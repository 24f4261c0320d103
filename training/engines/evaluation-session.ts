import { type Session, type SessionOptions, toOnnx } from '../../models/index.js';
import { createSession } from '../../models/runtime/node.js';
import type { EngineGraphs } from './engine.js';

/** The evaluation graph, its parameters fed at each run; gives `output`. */
export function evaluationSession({ evaluation: { builder, output } }: EngineGraphs, options: SessionOptions): Promise<Session> {
  return createSession(toOnnx(builder.graph([output]), { outputNames: new Map([[output.name, 'output']]) }), options);
}
