/** @file `copydesk export`: a finished run to a bundle. */
import { Command } from 'commander';
import { exportBundle } from '../export/index.js';
import { progressBar } from './progress.js';
import { print, say, type Terminal } from './terminal.js';

type Options = { to: string; precision: string; overwrite?: boolean; json?: true };

export function exportCommand(terminal: Terminal): Command {
  return new Command('export')
    .summary('write the best weights of a run as a verified ONNX bundle')
    .description(
      'Freezes the best EMA weights of a run into an ONNX file, checks on real texts that it answers as the trained model did, and writes it as NAME/VERSION with its labels, thresholds and hashes.',
    )
    .argument('<run>', 'folder that `copydesk train` wrote')
    .requiredOption('--to <dir>', 'folder of models; the bundle becomes NAME/VERSION in it')
    .option('--precision <list>', 'model files to write, separated by commas', 'fp32')
    .option('--overwrite', 'replace a different bundle of the same name and version')
    .option('--json', 'print {"folder", "name", "version", "parity"} instead of the folder')
    .addHelpText('after', examples)
    .action(async (run: string, { to, precision, overwrite = false, json }: Options) => {
      say(terminal, `exporting ${run}: comparing the exported file with the run on its val texts`);
      const bar = progressBar(terminal, 'comparing', 'texts');
      const { folder, manifest } = await exportBundle({
        run,
        to,
        precision: precision.split(','),
        overwrite,
        onProgress: bar.update,
      }).finally(bar.stop);
      const { name, version, parity } = manifest;
      const { texts = 0, maxLogitDifference = 0 } = parity.fp32 ?? {};
      say(terminal, `${name}@${version}: same labels as the run on ${texts} texts, logits within ${maxLogitDifference.toExponential(1)}`);
      await print(terminal, json ? JSON.stringify({ folder, name, version, parity }) : folder);
    });
}

const examples = `
The folder of the bundle is printed, so that it can be used at once:
  $ copydesk export runs/headlines --to bundles
  bundles/headlines/3f1c9a0b52de
  $ copydesk verify "$(copydesk export runs/headlines --to bundles)"
  $ copydesk serve --models bundles`;
