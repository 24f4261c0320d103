import { describeEngine } from './conformance.js';
import { createOnnxEngine } from './onnx.js';

describeEngine('onnx on cpu', createOnnxEngine);

describeEngine('onnx on cpu, activations computed anew', (options) => createOnnxEngine({ ...options, recompute: true }));
