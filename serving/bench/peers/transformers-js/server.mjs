/** @file What most people would write: Express around one transformers.js pipeline. `node server.mjs BUNDLE` prints its URL. */
import { basename, dirname } from 'node:path';
import { env, pipeline } from '@huggingface/transformers';
import express from 'express';

const bundle = process.argv[2];
env.allowRemoteModels = false;
env.localModelPath = `${dirname(bundle)}/`;
const classify = await pipeline('text-classification', basename(bundle), { dtype: 'fp32', device: 'cpu' });
await classify('warm');

const app = express();
app.use(express.json());
app.post('/classify', async (request, response) => {
  response.json((await classify(request.body.text))[0]);
});
const server = app.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
process.once('SIGTERM', () => process.exit(0));
