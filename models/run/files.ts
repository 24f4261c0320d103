/** @file The names of what lies in a run's folder. */
export const runFiles = {
  run: 'run.json',
  /** The training config as resolved. */
  config: 'config.json',
  log: 'log.jsonl',
  report: 'report.html',
  /** The best EMA weights, named and laid out as Hugging Face does. */
  weights: 'best/weights.safetensors',
  tokenizer: 'tokenizer.json',
  tokenizerConfig: 'tokenizer_config.json',
  predictions: 'predictions/val.jsonl',
  /** The val texts that the model gets most wrong. */
  hard: 'predictions/hard.jsonl',
} as const;
