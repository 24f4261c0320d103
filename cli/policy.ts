/** @file `copydesk policy`: what is published, held for a person or refused, tried before it is in force. */
import { Command } from 'commander';
import { fieldsOption } from './fields-option.js';
import { type CheckOptions, checkPolicyFile } from './policy-check.js';
import { type FitOptions, fitPolicyFile } from './policy-fit.js';
import { type TryOptions, tryPolicyFile } from './policy-try.js';
import type { Terminal } from './terminal.js';

export function policyCommand(terminal: Terminal): Command {
  const policy = new Command('policy')
    .summary('check, fit and try a policy file')
    .description(
      'A policy file sets thresholds by label, word lists by language, and variants for clients, in place of the thresholds of a bundle: copydesk serve --policy FILE. docs/policy.md has every key.',
    )
    .addHelpText('after', examples);
  policy
    .command('check')
    .description('whether a server would take the file: keys, word lists, and with --model labels and thresholds')
    .argument('<policy>', 'policy file')
    .option('--model <bundle>', 'bundle or run that it is for; may be repeated', append, [])
    .option('--json', 'print the result as one JSON object')
    .action((file: string, options: CheckOptions) => checkPolicyFile(terminal, file, options));
  policy
    .command('fit')
    .description(
      'find the numbers for thresholds given as {"precision": …} or {"recall": …}, on labelled texts that the model has not learnt from',
    )
    .argument('<policy>', 'policy file')
    .requiredOption('--model <bundle>', 'bundle or run')
    .requiredOption('--data <file>', 'labelled texts')
    .requiredOption('--to <file>', 'policy file to write, with the evidence beside each number')
    .addOption(fieldsOption())
    .option('--json', 'print the numbers as JSON')
    .action((file: string, options: FitOptions) => fitPolicyFile(terminal, file, options));
  policy
    .command('try')
    .description('a dry run: which texts of a file would be decided otherwise, by what')
    .argument('<policy>', 'policy file')
    .requiredOption('--model <bundle>', 'bundle or run')
    .requiredOption('--data <file>', 'texts, labelled or not; - is stdin, as JSON lines. Rows may have "client" and "language"')
    .option('--against <policy>', 'policy file to compare with; bundle: the thresholds of the bundle', 'bundle')
    .option('--client <id>', 'as whom to ask, for all texts')
    .option('--language <tag>', 'language of all texts, such as en')
    .option('--out <file>', 'write the texts that are decided otherwise, as JSON lines')
    .addOption(fieldsOption())
    .option('--json', 'print the result as one JSON object')
    .action((file: string, options: TryOptions) => tryPolicyFile(terminal, file, options));
  return policy;
}

const append = (one: string, all: readonly string[]): string[] => [...all, one];

const examples = `
  $ copydesk policy check policy.json --model bundles/headlines
  $ copydesk policy fit policy.json --model bundles/headlines --data labelled.jsonl --to policy.fitted.json
  $ copydesk policy try policy.fitted.json --model bundles/headlines --data last-week.jsonl --out moved.jsonl
  $ copydesk policy try new.json --against old.json --model bundles/headlines --data last-week.jsonl --json | jq .byRule
  $ copydesk serve --models bundles --policy policy.fitted.json`;
