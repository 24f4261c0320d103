/** @file The server as a child process of the benchmark: `node server.js MODELS`; sends its URL to the parent. */
import { startServer } from '../http/index.js';

const server = await startServer({ models: process.argv.slice(2), port: 0, logLevel: 'warn', signals: true });
process.send?.({ url: server.url });
process.once('disconnect', () => void server.close());
await server.closed;
process.exit(0);
