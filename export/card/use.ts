/** @file How a bundle is opened, by ourselves and by others. */
import type { Manifest } from '../../models/index.js';

export function howToUse({ name, version, text, temperature, activation, models }: Omit<Manifest, 'files'>): string {
  const folder = `${name}/${version}`;
  const line = text.input === 'pair' ? '{"text": "One text", "pair": "The other"}' : '{"text": "The text to judge"}';
  const scaled =
    activation === 'none'
      ? ''
      : ` Their scores are those of temperature 1; ours are at ${temperature}, and hold a text back where the tables above say.`;
  const dtypes = Object.keys(models).map((precision) => `'${dtypeOf[precision as keyof Manifest['models']]}'`);
  return `With Copydesk, from the folder that holds \`${name}/\`:

    copydesk serve --models .
    echo '${line}' | copydesk predict ${folder}

The folder is also a Hugging Face model, which other programs open as it is.${scaled}

transformers.js (\`dtype\`: ${dtypes.join(', ')}):

    const classify = await pipeline('text-classification', '${folder}', { dtype: 'fp32' });

Python, by Optimum (\`pip install optimum-onnx[onnxruntime]\`):

    model = ORTModelForSequenceClassification.from_pretrained("${folder}", subfolder="onnx", file_name="model.onnx")
    classify = pipeline("text-classification", model=model, tokenizer=AutoTokenizer.from_pretrained("${folder}"))

NVIDIA Triton: \`copydesk export ${folder} --target triton --to model_repository\`.`;
}

/** What transformers.js calls our files. */
const dtypeOf: { readonly [P in keyof Required<Manifest['models']>]: string } = { fp32: 'fp32', int8: 'q8', fp16: 'fp16' };
