/** @file Bundles on disk: the Node-only door of this folder. */
export { bundleFolders, findBundles } from './find-bundles.js';
export type { Precision } from './manifest.js';
export { packageFolder, packageVersion } from './package-folder.js';
export { manifestFile } from './parse-manifest.js';
export { type Bundle, type ReadOptions, readBundle } from './read-bundle.js';
export { verifyBundle } from './verify-bundle.js';
export { hashFile } from './verify-files.js';
export { type WriteOptions, writeBundle } from './write-bundle.js';
export { flushFolder, writeWhole } from './write-whole.js';
