/** @file Sessions in Node: the Node-only door of this folder. */
export * from './node-session.js';
export * from './usable-cores.js';
export * from './witness.js';
