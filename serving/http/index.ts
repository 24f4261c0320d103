/** @file The HTTP service. */
export { type AppDeps, createApp } from './app.js';
export { checkStart, type StartCheck } from './check-start.js';
export { type ResolvedServerOptions, type ServerOptions, serverOptionsSchema } from './options.js';
export { resolveOptions } from './resolve-options.js';
export { type RunningServer, type ServerParts, startServer } from './start-server.js';
