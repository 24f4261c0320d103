export type { LabelledTexts } from './answer.js';
export { type ExplainModel, explainFile, explainModel } from './explain-model.js';
export { type ExportOptions, exportBundle } from './export-bundle.js';
export { type ExtendOptions, extendBundle } from './extend-bundle.js';
export { calibrate, type Labelled } from './import/calibrate.js';
export { type Imported, type ImportOptions, importModel } from './import/import-model.js';
export { type Foreign, type ForeignOptions, readForeign } from './import/read-foreign.js';
export { type PersonaliseModels, type PersonaliseParts, personaliseFiles, personaliseModels } from './personalise/personalise-models.js';
export { exportTriton, type TritonOptions, type TritonRepository } from './targets/triton/export-triton.js';
