/** @file `copydesk export`: a finished run to a bundle. */
import { Command, Option } from 'commander';
import { exportBundle, extendBundle, type LabelledTexts } from '../export/index.js';
import { type Bundle, bundleFolders } from '../models/bundle/node.js';
import { type Parity, UsageError } from '../models/index.js';
import { isRun } from '../models/run/node.js';
import { type Fields, readExamples, taskOf } from '../training/index.js';
import { exportTarget, type Target, targets } from './export-target.js';
import { fieldsOption } from './fields-option.js';
import { openBundle } from './open-bundle.js';
import { progressBar } from './progress.js';
import { targetsOf } from './targets.js';
import { print, say, type Terminal } from './terminal.js';

type Options = {
  readonly to: string;
  readonly target?: Target;
  readonly precision: string;
  readonly keepFp32?: string;
  readonly on?: string;
  readonly fields?: Fields;
  readonly overwrite?: boolean;
  readonly json?: true;
};

export function exportCommand(terminal: Terminal): Command {
  return new Command('export')
    .summary('write the best weights of a run as a verified ONNX bundle')
    .description(
      'Freezes the best EMA weights of a run into an ONNX file, checks on real texts that it answers as the trained model did, and writes it as NAME/VERSION with its labels, thresholds and hashes. Smaller and faster files are written beside it when asked for, each checked in the same way.',
    )
    .argument('<run>', 'folder that `copydesk train` wrote; with --target or --on, a bundle')
    .requiredOption('--to <dir>', 'folder of models; the bundle becomes NAME/VERSION in it')
    .addOption(new Option('--target <server>', 'lay a bundle out as another server wants it').choices(targets))
    .option('--precision <list>', 'model files to write, of fp32, int8 and fp16, separated by commas (see below)', 'fp32')
    .option('--keep-fp32 <names>', 'layers that int8 leaves alone, separated by commas, * for any part of a name; or auto')
    .option('--on <file>', 'of a bundle: labelled texts that the files of --precision are held to, as a run has its val texts')
    .addOption(fieldsOption())
    .option('--overwrite', 'replace a different bundle of the same name and version')
    .option('--json', 'print {"folder", "name", "version", "parity", "passes", "files"} instead of the folder')
    .addHelpText('after', examples)
    .action(async (source: string, options: Options) => {
      const { to, target, precision, overwrite = false, json } = options;
      if (target) return exportTarget(terminal, target, source, { to, precision, overwrite, json: json === true });
      const [write, heldTo] = (await isBundle(source)) ? ([fromBundle, 'its fp32 file'] as const) : ([fromRun, 'the run'] as const);
      const bundle = await write(terminal, source, options);
      const { folder, manifest } = bundle;
      const { name, version, parity, passes = {}, files } = manifest;
      for (const line of fileLines(bundle, heldTo)) say(terminal, `${name}@${version}: ${line}`);
      await print(terminal, json ? JSON.stringify({ folder, name, version, parity, passes, files }) : folder);
    });
}

const isBundle = async (folder: string): Promise<boolean> =>
  !(await isRun(folder)) && (await bundleFolders(folder).catch(() => [])).length > 0;

async function fromRun(terminal: Terminal, run: string, options: Options): Promise<Bundle> {
  if (options.on !== undefined)
    throw new UsageError('usage/argument', `--on: ${run} is no bundle, and a run has val texts of its own`, 'leave --on out.');
  say(terminal, `exporting ${run}: comparing what is exported with the run on its val texts`);
  const bars = stepBars(terminal);
  return exportBundle({ run, ...filesOf(options), onProgress: bars.update }).finally(bars.stop);
}

async function fromBundle(terminal: Terminal, folder: string, options: Options): Promise<Bundle> {
  const bundle = await openBundle(folder);
  const { name, version } = bundle.manifest;
  if (options.on === undefined)
    throw new UsageError(
      'usage/argument',
      `${folder} is a bundle, and nothing says how much its other files may change the answers`,
      'give labelled texts with --on FILE; or --target, to lay it out as another server wants it.',
    );
  const labelled = await readLabelled(bundle, options.on, options.fields);
  say(terminal, `${name}@${version}: comparing what is written with its fp32 file on ${labelled.examples.length} texts of ${options.on}`);
  const bars = stepBars(terminal);
  const onAnswered = (done: number, total: number) => bars.update(done, total, 'answering');
  return extendBundle({ bundle, labelled, ...filesOf(options), onAnswered, onProgress: bars.update }).finally(bars.stop);
}

/** @throws UsageError `data/*` for the file, with the line of a label that the model does not have */
async function readLabelled({ manifest }: Bundle, file: string, fields: Fields = {}): Promise<LabelledTexts> {
  const { labels, activation, text, data } = manifest;
  const task = taskOf(activation);
  const given = await readExamples(file, { task, fields });
  const { targets } = targetsOf(given, { file, task, labels, input: text.input, rename: data.rename ?? {} });
  return { examples: given, targets };
}

/** What is written and where, as the options of `export` and `import` say it. */
export const filesOf = ({ to, precision, keepFp32, overwrite = false }: Pick<Options, 'to' | 'precision' | 'keepFp32' | 'overwrite'>) => ({
  to,
  precision: precision.split(','),
  ...(keepFp32 === undefined ? {} : { keepFp32: keepFp32 === 'auto' ? ('auto' as const) : keepFp32.split(',') }),
  overwrite,
});

/** One bar after another, as the work goes from step to step. */
export function stepBars(terminal: Terminal): { update(done: number, total: number, what: string): void; stop(): void } {
  let [step, bar] = ['', progressBar(terminal, '', '')];
  return {
    update(done, total, what) {
      if (what !== step) {
        bar.stop();
        [step, bar] = [what, progressBar(terminal, what, '')];
      }
      bar.update(done, total);
    },
    stop: () => bar.stop(),
  };
}

/** How large each model file is, and how it compares. */
function fileLines({ manifest: { models, parity, passes = {}, files } }: Bundle, heldTo: string): readonly string[] {
  const bytesOf = (path: string | undefined): number => files.find((file) => file.path === path)?.bytes ?? 0;
  return Object.entries(models).map(([precision, path]) => {
    const bytes = bytesOf(path);
    const share = precision === 'fp32' ? '' : `, ${((100 * bytes) / bytesOf(models.fp32)).toFixed(0)} % of fp32`;
    const kept = (passes[precision] ?? []).filter((pass) => pass.startsWith('keep-fp32 ')).length;
    return `${precision} is ${(bytes / 1e6).toFixed(1)} MB${share}; ${comparison(parity[precision]!, heldTo)}${kept > 0 ? `; ${kept} layers stay in fp32` : ''}`;
  });
}

function comparison({ texts, maxLogitDifference, labelAgreement, accuracy }: Parity, heldTo: string): string {
  const logits = `logits within ${maxLogitDifference.toExponential(1)}`;
  if (!accuracy) return `same labels as the run on ${texts} texts, ${logits}`;
  const { figure, trained, exported } = accuracy;
  const figures = trained === null || exported === null ? '' : `, ${figure} ${exported.toFixed(4)} (${trained.toFixed(4)} as trained)`;
  return `${(100 * labelAgreement).toFixed(2)} % of ${texts} texts answered as by ${heldTo}${figures}, ${logits}`;
}

const examples = `
The folder of the bundle is printed, so that it can be used at once:
  $ copydesk export runs/headlines --to bundles
  bundles/headlines/3f1c9a0b52de
  $ copydesk verify "$(copydesk export runs/headlines --to bundles)"
  $ copydesk serve --models bundles

A bundle whose run lies elsewhere, as after copydesk pull, gets further files; its version and all else stay as they are:
  $ copydesk export bundles/headlines --precision fp32,int8 --on val.jsonl --to faster

For NVIDIA's Triton Inference Server, from a bundle (docs/runtimes.md):
  $ copydesk export bundles/headlines --target triton --to model_repository

int8 is a quarter of the size, and on a processor with int8 instructions up to twice as fast and more; fp16 is half the size, for graphics
processors. fp32 is always written, and runs where nothing else is asked for. A file that answers less than 99 % of the val texts as the run did,
or that loses more than half a point of macro F1, is not written: the layers that hurt most are named, and --keep-fp32 leaves them alone.
  $ copydesk export runs/headlines --to bundles --precision fp32,int8,fp16
  $ copydesk export runs/headlines --to bundles --precision int8 --keep-fp32 'bert.encoder.layer.0.*'
  $ copydesk export runs/headlines --to bundles --precision int8 --keep-fp32 auto
  $ copydesk serve --models bundles --precision int8`;
