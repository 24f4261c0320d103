/** @file `copydesk push`: a bundle to the Hugging Face hub. */
import { Command } from 'commander';
import { defaultRevision, openHub, parseRepository, parseRevision, pushBundle } from '../models/hub/node.js';
import { openBundle } from './open-bundle.js';
import { talking } from './pull.js';
import { print, say, type Terminal } from './terminal.js';

type Options = { private?: boolean; revision: string; message?: string; insecure?: true; json?: true };

export function pushCommand(terminal: Terminal): Command {
  return new Command('push')
    .summary('publish a bundle on the Hugging Face hub')
    .description(
      'Verifies a bundle and writes its files to a repository of the hub in one commit: the repository is made where it is missing, only what differs is sent, files of the bundle that stood there before are removed, and what was never part of a bundle stays.',
    )
    .argument('<bundle>', 'folder that `copydesk export` wrote')
    .argument('<repository>', 'owner/name')
    .option('--private', 'for its owner alone, where the repository is made')
    .option('--revision <branch>', 'branch to write to; made where it is missing', defaultRevision)
    .option('--message <text>', 'title of the commit (default: name and version)')
    .option('--insecure', 'allow an HF_ENDPOINT with http:// beyond this machine')
    .option('--json', 'print {"repository", "commit", "url", "created", "changed", "removed"} instead of owner/name@commit')
    .addHelpText('after', examples)
    .action(async (folder: string, name: string, { private: isPrivate = false, revision, message, json, ...options }: Options) => {
      const [repository, branch] = [parseRepository(name), parseRevision(revision)];
      const bundle = await openBundle(folder);
      const hub = await openHub(terminal.env, talking(terminal, options));
      const pushed = await pushBundle({
        folder: bundle.folder,
        hub,
        repository,
        revision: branch,
        isPrivate,
        ...(message === undefined ? {} : { message }),
        onStart: (files, bytes) => say(terminal, `sending ${files} files, ${(bytes / 1e6).toFixed(1)} MB`),
      });
      const { commit, created, changed, removed } = pushed;
      const url = `${hub.url}/${repository}`;
      const done =
        changed.length + removed.length === 0
          ? 'it holds this bundle already'
          : `${changed.length} files written, ${removed.length} removed`;
      say(terminal, `${url}: ${created ? `made${isPrivate ? ', private' : ''}; ` : ''}${done}`);
      if (isPrivate && !created) say(terminal, 'who may see it stays as it was: --private is for repositories that are made here');
      await print(terminal, json ? JSON.stringify({ repository, url, ...pushed }) : `${repository}@${commit}`);
    });
}

const examples = `
What is printed names the bundle for ever, wherever the branch goes:
  $ HF_TOKEN=hf_… copydesk push bundles/headlines newsroom/headlines --private
  newsroom/headlines@0b6c…
  $ copydesk pull newsroom/headlines@0b6c…

HF_TOKEN, or the file that \`hf auth login\` writes, needs the right to write; HF_ENDPOINT names another hub.`;
