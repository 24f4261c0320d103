/** @file `copydesk work`: a process that answers parts of jobs, for a server on this machine or another. */
import { Command } from 'commander';
import { pino } from 'pino';
import { UsageError } from '../models/index.js';
import { usableCores } from '../models/runtime/node.js';
import { jobOptionsSchema, startWork } from '../serving/index.js';
import { type PrecisionOption, precisionOption } from './precision-option.js';
import { print, say, type Terminal } from './terminal.js';

type Options = PrecisionOption & {
  readonly models: readonly string[];
  readonly redis?: string;
  readonly workers?: string;
  readonly log: string;
};

export function workCommand(terminal: Terminal): Command {
  return new Command('work')
    .summary('answer parts of jobs, on as many machines as you like')
    .description(
      'Takes parts of jobs from a queue in Redis, answers them with its own copy of the model, and puts the scores back. `copydesk serve --jobs FOLDER --redis URL` fills the queue and writes the results. Start it as often as there are machines; any of them may be killed at any time.',
    )
    .requiredOption('--models <dir...>', 'folders of bundles: the same ones that the server has')
    .option('--redis <url>', 'redis://[user:password@]host:port, or rediss:// with TLS [COPYDESK_JOBS_REDIS]')
    .option('--workers <number>', 'worker threads (default: one a core that it may use)')
    .addOption(precisionOption())
    .option('--log <level>', 'silent, error, warn or info', 'info')
    .addHelpText('after', examples)
    .action(async ({ models, redis: given, workers, precision, log }: Options) => {
      const redis = given ?? terminal.env.COPYDESK_JOBS_REDIS?.trim();
      const parsed = jobOptionsSchema.shape.redis.unwrap().safeParse(redis);
      if (!parsed.success) throw wrong('--redis: no address of Redis', 'write it as redis://host:6379.');
      if (workers !== undefined && !/^[1-9]\d{0,3}$/.test(workers)) throw wrong('--workers: no whole number', 'give one from 1 to 9999.');
      if (!['silent', 'error', 'warn', 'info'].includes(log)) throw wrong(`--log: ${JSON.stringify(log)} is no level`, 'see --help.');
      say(terminal, `loading models from ${models.join(', ')}`);
      const work = await startWork({
        models,
        redis: parsed.data,
        precision,
        workers: workers === undefined ? usableCores() : Number(workers),
        log: pino({ level: log, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ dest: 2, sync: false })),
      });
      await print(terminal, `Working with ${work.models.join(', ')}. Stop with Ctrl+C.`);
      await new Promise<void>((resolve) => {
        for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
      });
      await work.close();
    });
}

const wrong = (what: string, fix: string): UsageError => new UsageError('usage/argument', what, fix);

const examples = `
  $ copydesk serve --models bundles --keys keys.json --jobs jobs --redis redis://10.0.0.5:6379
  $ copydesk work --models bundles --redis redis://10.0.0.5:6379`;
