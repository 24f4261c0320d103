/** @file config.pbtxt as Triton reads it (inference.ModelConfig of model_config.proto, in protobuf's text format). */

export type Tensor = {
  readonly name: string;
  readonly type: 'TYPE_INT64' | 'TYPE_FP32' | 'TYPE_STRING';
  /** Without the batch; -1 for any size. */
  readonly dims: readonly number[];
  readonly optional?: boolean;
  readonly labels?: string;
};

type Field = string | number | boolean | Identifier | Message | readonly Field[];
type Identifier = { readonly word: string };
type Message = { readonly fields: Readonly<Record<string, Field>> };

export type Step = {
  readonly model: string;
  /** By the name that the step's model has for it, the name that the ensemble has for it. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
};

export type ModelConfig = {
  readonly name: string;
  readonly maxBatchSize: number;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
} & (
  | { readonly kind: 'onnxruntime'; readonly queueMicroseconds: number }
  | { readonly kind: 'python'; readonly parameters: Readonly<Record<string, string>> }
  | { readonly kind: 'ensemble'; readonly steps: readonly Step[] }
);

export function modelConfig(config: ModelConfig): string {
  return `${fieldsOf({
    name: config.name,
    ...(config.kind === 'ensemble' ? { platform: 'ensemble' } : { backend: config.kind }),
    max_batch_size: config.maxBatchSize,
    input: config.inputs.map(tensor),
    output: config.outputs.map(tensor),
    ...more[config.kind](config as never),
  }).join('\n')}\n`;
}

type Kind = ModelConfig['kind'];
const more: { readonly [K in Kind]: (config: Extract<ModelConfig, { kind: K }>) => Readonly<Record<string, Field>> } = {
  onnxruntime: ({ queueMicroseconds }) => ({ dynamic_batching: message({ max_queue_delay_microseconds: queueMicroseconds }) }),
  python: ({ parameters }) => ({
    parameters: Object.entries(parameters).map(([key, value]) => message({ key, value: message({ string_value: value }) })),
  }),
  ensemble: ({ steps }) => ({
    ensemble_scheduling: message({
      step: steps.map(({ model, inputs, outputs }) =>
        message({ model_name: model, model_version: -1, input_map: map(inputs), output_map: map(outputs) }),
      ),
    }),
  }),
};

const message = (fields: Message['fields']): Message => ({ fields });
const map = (entries: Readonly<Record<string, string>>): readonly Message[] =>
  Object.entries(entries).map(([key, value]) => message({ key, value }));

const tensor = ({ name, type, dims, optional, labels }: Tensor): Message =>
  message({
    name,
    data_type: { word: type },
    dims,
    ...(optional ? { optional } : {}),
    ...(labels === undefined ? {} : { label_filename: labels }),
  });

/** A list is the field once for each of its entries. */
function fieldsOf(fields: Message['fields']): readonly string[] {
  return Object.entries(fields).flatMap(([name, field]) => (Array.isArray(field) ? field : [field]).flatMap((one) => line(name, one)));
}

function line(name: string, field: Exclude<Field, readonly Field[]>): readonly string[] {
  if (typeof field === 'string') return [`${name}: ${quoted(field)}`];
  if (typeof field !== 'object') return [`${name}: ${field}`];
  if ('word' in field) return [`${name}: ${field.word}`];
  return [`${name} {`, ...fieldsOf(field.fields).map((inner) => `  ${inner}`), '}'];
}

/** Text format knows the escapes of C, and UTF-8 as it is. */
const quoted = (text: string): string =>
  `"${text.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\t/g, '\\t')}"`;
