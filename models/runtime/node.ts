/** @file Sessions in Node: the Node-only door of this folder. */
export { DeviceTensor } from './device-tensor.js';
export * from './node-session.js';
export { whyNot } from './providers.js';
export * from './usable-cores.js';
export * from './witness.js';
