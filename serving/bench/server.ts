/** @file The server as a child process of the benchmark: `node server.js MODELS PRECISION`; sends its URL to the parent. */
import { type ServerOptions, startServer } from '../http/index.js';

const [models = '', precision] = process.argv.slice(2) as [string, ServerOptions['precision']];
const server = await startServer({ models: [models], precision, port: 0, logLevel: 'warn', signals: true });
process.send?.({ url: server.url });
process.once('disconnect', () => void server.close());
await server.closed;
process.exit(0);
