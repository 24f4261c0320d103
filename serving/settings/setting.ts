/** @file What a setting is: where its text can come from, and how that text is read. */

/** How the text of a flag or a variable becomes a value; files hold the value itself. */
export type Reading = {
  /** What a text that cannot be read is not, as in `"http" is no whole number`; also what the docs call it. */
  readonly form: string;
  /** @returns `undefined` for texts that cannot be read */
  readonly read: (texts: readonly string[]) => unknown;
  /** Several values: a flag may be repeated, and a variable holds them with commas between. */
  readonly many?: true;
  /** Paths: those in a file are seen from its folder. */
  readonly paths?: true;
};

export type Setting = {
  readonly help: string;
  readonly reading: Reading;
  /** As it is typed, with its value: `--port <number>`. */
  readonly flag?: string;
  /** What the flag means without a value. */
  readonly bare?: string;
  /** Its default in words, where it is no fixed value. */
  readonly usual?: string;
  /** Whether its value is never shown. */
  readonly secret?: true;
};

const one =
  (read: (text: string) => unknown) =>
  ([text = '']: readonly string[]): unknown =>
    read(text);

const words = { true: true, yes: true, on: true, 1: true, false: false, no: false, off: false, 0: false } as const;

const readings = {
  text: { form: 'text', read: one((text) => text) },
  path: { form: 'path', paths: true, read: one((text) => text) },
  paths: { form: 'paths', paths: true, many: true, read: (texts) => texts },
  list: { form: 'list', many: true, read: (texts) => texts.flatMap(split) },
  whole: { form: 'whole number', read: one((text) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined)) },
  number: { form: 'number', read: one((text) => (/^(\d+(\.\d+)?|\.\d+)$/.test(text) ? Number(text) : undefined)) },
  yesNo: { form: 'yes or no', read: one((text) => words[text.toLowerCase() as keyof typeof words]) },
} as const satisfies Readonly<Record<string, Reading>>;

type Make = (help: string, flag?: string, more?: Pick<Setting, 'bare' | 'secret' | 'usual'>) => Setting;

const make =
  (reading: Reading): Make =>
  (help, flag, more = {}) => ({ help, reading, ...(flag === undefined ? {} : { flag }), ...more });

/** A text as it is. */
export const text = make(readings.text);
/** The path of a file or a folder. */
export const path = make(readings.path);
export const paths = make(readings.paths);
/** Texts with commas between. */
export const list = make(readings.list);
export const whole = make(readings.whole);
export const number = make(readings.number);
/** A flag without a value. */
export const yesNo = make(readings.yesNo);

/** The parts of a text with commas between, without the space around them. */
export function split(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
}

/** `limits.waitMs` → `COPYDESK_LIMITS_WAIT_MS`. */
export function variableOf(key: string): string {
  return `COPYDESK_${key
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replaceAll('.', '_')
    .toUpperCase()}`;
}

/** `--port <number>` → `--port`. */
export const flagName = (flag: string): string => flag.split(' ')[0]!;
