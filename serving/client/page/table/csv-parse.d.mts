/** As much of csv-parse as is used here. */
export type Parser = {
  write(text: string): boolean;
  end(): void;
  resume(): Parser;
  on(event: 'error', listener: (error: Error) => void): Parser;
  once(event: 'end', listener: () => void): Parser;
};
export declare function parse(options: {
  readonly delimiter: string;
  readonly skip_empty_lines: boolean;
  readonly relax_quotes: boolean;
  readonly relax_column_count: boolean;
  readonly max_record_size: number;
  readonly skip_records_with_error: boolean;
  readonly on_record: (record: string[]) => null;
  readonly on_skip: () => undefined;
}): Parser;
