/** @file Whether the server is alive, as an orchestrator asks while others load it: over a new connection each time. */
import { check } from 'k6';
import http from 'k6/http';
import { Trend } from 'k6/metrics';
import { baseUrl } from './settings.js';

const probeMs = new Trend('probe_ms', true);

export function probe({ tags = {} } = {}) {
  const response = http.get(`${baseUrl}/health/live`, { timeout: '10s', headers: { connection: 'close' } });
  check(response, { 'the probe is answered': ({ status }) => status === 200 });
  probeMs.add(response.timings.blocked + response.timings.duration, tags);
}
