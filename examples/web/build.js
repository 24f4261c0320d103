/** Puts the site together in `site/`: the page, the package's files for browsers, and a model. Any static host can serve it. */
import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const copydesk = dirname(fileURLToPath(import.meta.resolve('copydesk/package.json')));
const model = join(copydesk, 'models/zoo/headlines-en');
mkdirSync('site', { recursive: true });
cpSync('index.html', 'site/index.html');
cpSync(join(copydesk, 'dist/client/web'), 'site/copydesk', { recursive: true });
cpSync(join(model, readdirSync(model)[0]), 'site/model', { recursive: true });
