/**
 * @file What can be set when a server starts. Defaults are here and nowhere else; where a value comes from (flag, variable, file) is a line in
 * `../settings/settings.ts`, which the compiler asks for.
 */
import { isIP } from 'node:net';
import { z } from 'zod';
import { wantedPrecisions } from '../../models/index.js';
import { usableCores } from '../../models/runtime/node.js';
import { rateSchema } from '../access/index.js';
import { limitsSchema } from '../desk/index.js';
import { jobOptionsSchema } from '../jobs/index.js';
import { reviewOptionsSchema } from '../review/index.js';

const count = z.number().int().positive();

/** An address, a network as 10.0.0.0/8, or a name for some. */
const networkSchema = z.string().refine(
  (text) => {
    const [address = '', bits, ...more] = text.split('/');
    const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
    if (bits === undefined) return most > 0 || ['loopback', 'linklocal', 'uniquelocal'].includes(text);
    return more.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= most;
  },
  { error: 'is no address or network: write 127.0.0.1, 10.0.0.0/8 or loopback' },
);

/** As browsers send it: nothing after the port. */
const originSchema = z.string().refine((text) => text === '*' || (URL.canParse(text) && new URL(text).origin === text), {
  error: 'is no origin: write https://example.org',
});

export const serverOptionsSchema = z.strictObject({
  /** Folders of bundles. */
  models: z.array(z.string()).min(1),
  /** `name` or `name@version` for requests that name none. Default: the first found. */
  defaultModel: z.string().optional(),
  host: z.string().default('127.0.0.1'),
  /** 0: any free port. Unset: 8000, or the next one that is free. */
  port: z.number().int().min(0).max(65_535).optional(),
  /** File of keys (`copydesk keys`); with it, everything but the page and health needs a key. */
  keys: z.string().optional(),
  /** Whether a server without keys may be reached from other machines. */
  allowOpen: z.boolean().default(false),
  /** File that remembers, over restarts, what was used of quotas. */
  usage: z.string().optional(),
  /** Rates for each address that comes without a key. */
  addressRates: z.array(rateSchema).default([]),
  /** Whether metrics can be read without a key. */
  publicMetrics: z.boolean().default(false),
  /** Origins that may ask from a browser; `*` is every one. */
  cors: z.array(originSchema).default([]),
  /** Addresses and networks of proxies whose X-Forwarded-For is believed; also `loopback`, `linklocal`, `uniquelocal`. */
  trustProxy: z.array(networkSchema).default([]),
  /** Policy file: thresholds, word lists, clients. Default: each bundle's own thresholds. */
  policy: z.string().optional(),
  /** Keeps what the policy holds for reviewers, and what clients say texts should have been. Without it, no text is kept. */
  review: reviewOptionsSchema.optional(),
  /** Takes on files of texts, and keeps them and their answers until they are fetched. Without it, none is taken. */
  jobs: jobOptionsSchema.optional(),
  /** Seconds between two looks into the folders of bundles: new ones are served, those that are gone no longer. 0: models stay as they are. */
  watchSeconds: z.number().nonnegative().default(0),
  /** A version that is asked along for a share of the requests to the others of its name; its answers are only counted. */
  shadow: z.strictObject({ model: z.string().min(1), share: z.number().gt(0).max(1) }).optional(),
  /** What may compute, the best first. A later one is used only where those before it do not work here; without `cpu` the server does not start then. */
  providers: z
    .array(z.enum(['cuda', 'webgpu', 'cpu']))
    .min(1)
    .default(['cpu']),
  /** Model file that runs of each bundle. Where one lacks it, its fp32 file, and the log says so. */
  precision: z.enum(wantedPrecisions).default('fp32'),
  /** Worker threads. */
  workers: count.default(() => usableCores()),
  /** Threads of the first worker while the others have nothing to do; 1: one, as always. A model that does not gain by it keeps to one. */
  wideThreads: count.default(() => Math.min(4, usableCores())),
  /** Longest time, in milliseconds, for which the thread that listens computes a short text itself while nobody else asks; 0: never. On the CPU alone. */
  inlineMs: z.number().nonnegative().default(20),
  limits: limitsSchema.default(() => limitsSchema.parse({})),
  logLevel: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info'),
  /** Folder of the built page. Default: where the build puts it. */
  page: z.string().optional(),
  /** Whether SIGTERM and SIGINT drain the server. */
  signals: z.boolean().default(false),
});

export type ServerOptions = z.input<typeof serverOptionsSchema>;
export type ResolvedServerOptions = z.infer<typeof serverOptionsSchema>;
