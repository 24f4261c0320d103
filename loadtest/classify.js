/** @file One request of a load test: a headline goes in, a verdict must come out. */
import { check } from 'k6';
import exec from 'k6/execution';
import http from 'k6/http';
import { Trend } from 'k6/metrics';

const headlines = JSON.parse(open('./headlines.json'));
const url = `${__ENV.BASE_URL || 'http://127.0.0.1:8000'}/classify`;
const params = { headers: { 'content-type': 'application/json' }, tags: { route: 'classify' } };

/** Milliseconds in each stage, as the server reports them. */
const stages = {
  tokenize: new Trend('stage_tokenize', true),
  queue: new Trend('stage_queue', true),
  infer: new Trend('stage_infer', true),
};

export function classify() {
  const text = headlines[exec.scenario.iterationInTest % headlines.length];
  const response = http.post(url, JSON.stringify({ text }), params);
  const answered = check(response, { 'status is 200': ({ status }) => status === 200 });
  if (!answered) return;
  const { label, score, scores, decision } = response.json();
  check(null, {
    'the label is the one that scores highest': () => scores[label] === score && Object.values(scores).every((other) => other <= score),
    'the decision is one of three': () => ['publish', 'review', 'block'].includes(decision),
  });
  for (const stage of Object.keys(stages))
    stages[stage].add(Number(response.headers[`X-Copydesk-${stage[0].toUpperCase()}${stage.slice(1)}-Ms`]));
}

/** What every scenario demands. `dropped_iterations`: k6 itself kept up; without that no other figure means anything. */
export const demands = {
  dropped_iterations: ['count==0'],
  http_req_failed: ['rate==0'],
  checks: ['rate==1'],
};
