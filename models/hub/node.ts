/** @file Bundles from and to a hub or a web server: the Node-only door of this folder. */
export type { OnProgress } from './download-folder.js';
export { type Hub, type HubOptions, openHub } from './hub.js';
export { type Pulled, type PullOptions, pullBundle } from './pull-bundle.js';
export { type PlainOptions, pullPlain } from './pull-plain.js';
export { type Pushed, type PushOptions, pushBundle } from './push-bundle.js';
export { defaultRevision, parseRepository, parseRevision, parseSource, type Source } from './source.js';
