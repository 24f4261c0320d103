/** @file What the server says of itself while it is loaded: its metrics, once a second. */

/** Sums over all labels, by name. */
export type Scrape = ReadonlyMap<string, number>;

export type Sample = {
  /** Seconds since the sampling began. */
  readonly at: number;
  readonly queueTexts: number | null;
  readonly inFlight: number | null;
  readonly workers: number | null;
  readonly rssMb: number | null;
  readonly heapMb: number | null;
  readonly lagP99Ms: number | null;
  /** Since the sample before: texts in a batch, processor cores in use. */
  readonly batch: number | null;
  readonly cores: number | null;
};

/** Prometheus' text format: each line `name{labels} value`. */
export function parseMetrics(text: string): Scrape {
  const sums = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, name, value] = /^([a-z_:][\w:]*)(?:\{.*\})? (\S+)/i.exec(line) ?? [];
    if (name !== undefined && Number.isFinite(Number(value))) sums.set(name, (sums.get(name) ?? 0) + Number(value));
  }
  return sums;
}

/** @returns the text, or `undefined` where it cannot be had at this moment */
export async function readMetrics(url: string, key?: string): Promise<string | undefined> {
  const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
  return fetch(`${url}/metrics`, { headers, signal: AbortSignal.timeout(10_000) }).then(
    (response) => (response.ok ? response.text() : undefined),
    () => undefined,
  );
}

/** @param seconds between both scrapes */
export function sampleOf(at: number, now: Scrape, before: Scrape | undefined, seconds: number): Sample {
  const value = (name: string, scale = 1): number | null => (now.has(name) ? now.get(name)! * scale : null);
  const since = (name: string): number => (now.get(name) ?? 0) - (before?.get(name) ?? 0);
  const batches = before ? since('copydesk_batch_size_count') : 0;
  const mb = 1 / 1_048_576;
  return {
    at,
    queueTexts: value('copydesk_queue_texts'),
    inFlight: value('copydesk_in_flight_requests'),
    workers: value('copydesk_workers'),
    rssMb: value('process_resident_memory_bytes', mb),
    heapMb: value('nodejs_heap_size_used_bytes', mb),
    lagP99Ms: value('nodejs_eventloop_lag_p99_seconds', 1000),
    batch: batches > 0 ? since('copydesk_batch_size_sum') / batches : null,
    cores: before && now.has('process_cpu_seconds_total') ? since('process_cpu_seconds_total') / seconds : null,
  };
}

/** Samples until `stop` is called. */
export function watchMetrics(url: string, key: string | undefined, everyMs: number) {
  const samples: Sample[] = [];
  const began = performance.now();
  let before: { scrape: Scrape; at: number } | undefined;
  const look = async (): Promise<void> => {
    const text = await readMetrics(url, key);
    if (text === undefined) return;
    const at = (performance.now() - began) / 1000;
    const scrape = parseMetrics(text);
    samples.push(sampleOf(at, scrape, before?.scrape, at - (before?.at ?? 0)));
    before = { scrape, at };
  };
  let looking = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, everyMs);
  return {
    async stop(): Promise<readonly Sample[]> {
      clearInterval(timer);
      await looking;
      return samples;
    },
  };
}
