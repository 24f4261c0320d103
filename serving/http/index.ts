/** @file The HTTP service. */
export { type AppDeps, createApp } from './app.js';
export { type ServerOptions, serverOptionsSchema } from './options.js';
export { type RunningServer, type ServerParts, startServer } from './start-server.js';
