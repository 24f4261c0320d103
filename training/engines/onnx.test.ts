import { describeEngine } from './conformance.js';
import { createOnnxEngine } from './onnx.js';

describeEngine('onnx on cpu', createOnnxEngine);
