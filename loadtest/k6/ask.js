/** @file One request of a load test: a text goes in; a verdict must come out, or a refusal that says why and when to come again. */
import { check } from 'k6';
import exec from 'k6/execution';
import http from 'k6/http';
import { Counter, Trend } from 'k6/metrics';
import { textAt } from '../texts.ts';
import { baseUrl, headers } from './settings.js';

const counters = {
  asked: new Counter('asked'),
  answered: new Counter('answered'),
  refused429: new Counter('refused_429'),
  refused503: new Counter('refused_503'),
  failed: new Counter('failed'),
};
/** Milliseconds from sending a request to the last byte of its verdict, and of its refusal. */
const answerMs = new Trend('answer_ms', true);
const refusalMs = new Trend('refusal_ms', true);
/** Milliseconds in each stage, as the server reports them. */
const stages = {
  Tokenize: new Trend('stage_tokenize', true),
  Queue: new Trend('stage_queue', true),
  Infer: new Trend('stage_infer', true),
};

/** Texts of different runs against one server differ as well. */
const start = Number(__ENV.FIRST_TEXT || 0);

/** @param model `name` or `name@version`; default the server's own  @param timeoutMs the answer must be there by then  @param tags of what is counted */
export function ask({ mix = 'headlines', model, timeoutMs, tags = {} } = {}) {
  const { kind, text } = textAt(start + exec.scenario.iterationInTest, mix);
  const body = JSON.stringify({ text, model, timeout_ms: timeoutMs });
  counters.asked.add(1, tags);
  const response = http.post(`${baseUrl}/classify`, body, { headers, tags: { kind }, responseCallback: expected, timeout: '60s' });
  const { status, timings } = response;
  if (status === 200 && isVerdict(response)) {
    counters.answered.add(1, tags);
    answerMs.add(timings.duration, { kind, ...tags });
    for (const [stage, trend] of Object.entries(stages)) trend.add(Number(response.headers[`X-Copydesk-${stage}-Ms`]));
  } else if ((status === 429 || status === 503) && isRefusal(response)) {
    counters[`refused${status}`].add(1);
    refusalMs.add(timings.duration);
  } else {
    counters.failed.add(1);
    console.error(`failed: ${status} ${response.error} ${String(response.body).slice(0, 300)}`);
  }
  return response;
}

/** Whether refusals are allowed is for the scenario's thresholds to say. */
const expected = http.expectedStatuses(200, 429, 503);

function isVerdict(response) {
  const { results } = read(response);
  return check(results, {
    'there is one verdict': (list) => list?.length === 1,
    'the decision is one of three': (list) => ['publish', 'review', 'block'].includes(list?.[0].decision),
    'the label is the one that scores highest': (list) => list?.[0].values !== undefined || scoresHighest(list?.[0]),
    'the verdict says which model gave it': (list) => Boolean(list?.[0].model && list?.[0].version),
  });
}

function scoresHighest({ label, score, scores } = {}) {
  const all = Object.values(scores ?? {});
  return all.length > 0 && scores[label] === score && all.every((other) => other >= 0 && other <= score);
}

/** Coming again helps, except where even an idle server would take too long. */
function isRefusal(response) {
  const { error } = read(response);
  const wait = Number(response.headers['Retry-After']);
  return check(error, {
    'a refusal has a code, a message and a fix': (one) => [one?.code, one?.message, one?.fix].every((word) => typeof word === 'string'),
    'a refusal says when to come again': (one) =>
      wait >= 1 || (one?.code === 'deadline-exceeded' && response.headers['Retry-After'] === undefined),
  });
}

function read(response) {
  try {
    return response.json() ?? {};
  } catch {
    return {};
  }
}
