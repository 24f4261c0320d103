export { type ExportOptions, exportBundle } from './export-bundle.js';
