/** @file What the server does: requests, answers, decisions. */
import { asked, by, M, quantile, R, type Row, rate, S, share } from './panel.js';

const what: Row = {
  title: 'What: requests and answers',
  panels: [
    {
      title: 'Requests',
      about: 'Requests answered in a second, without probes and scrapes.',
      unit: 'reqps',
      form: 'stat',
      width: 4,
      lines: [[`sum(${rate('copydesk_requests_total', asked)})`, 'requests']],
    },
    {
      title: 'Answered well',
      about: 'Share of the answers that are neither a fault of the server (5xx) nor a refusal for want of room (429).',
      unit: 'percentunit',
      form: 'stat',
      width: 4,
      lines: [
        [`1 - ${share(rate('copydesk_requests_total', `${asked},code=~"5..|429"`), rate('copydesk_requests_total', asked))}`, 'well'],
      ],
      mayBeEmpty: 'nothing has been refused yet',
    },
    {
      title: 'p99',
      about: '99 of 100 requests to /classify are answered within this time.',
      unit: 's',
      form: 'stat',
      width: 4,
      lines: [[quantile(0.99, 'copydesk_request_duration_seconds', `${S},route="classify"`), 'p99']],
    },
    {
      title: 'Load',
      about: 'Work asked for to what the workers can do. Add instances before it stays above .8; above 1 texts are refused.',
      unit: 'percentunit',
      form: 'stat',
      width: 4,
      lines: [[`max(copydesk_load_ratio{${S}})`, 'busiest']],
      steps: [0.8, 1],
    },
    {
      title: 'Texts',
      about: 'Verdicts given in a second.',
      unit: 'ops',
      form: 'stat',
      width: 4,
      lines: [[`sum(${rate('copydesk_decisions_total', M)})`, 'texts']],
    },
    {
      title: 'Waiting',
      about: 'Texts that wait for a worker at this moment.',
      unit: 'short',
      form: 'stat',
      width: 4,
      lines: [[`sum(copydesk_queue_texts{${S}})`, 'texts']],
    },
    {
      title: 'Answers by code',
      about: '429: no room, or a rate or quota is spent. 503: too late, stopping or starting. 499: the client went away.',
      unit: 'reqps',
      width: 12,
      lines: [[by('code', rate('copydesk_requests_total', asked)), '{{code}}']],
    },
    {
      title: 'Refusals by reason',
      about: 'The code in the answer; the protocol of the server says what each means and what the caller can do.',
      unit: 'reqps',
      width: 12,
      lines: [[`${by('reason', rate('copydesk_rejected_total'))} > 0`, '{{reason}}']],
      mayBeEmpty: 'nothing is refused',
    },
    {
      title: 'Time to answer',
      about: 'From the first byte of a request to the last of its answer.',
      unit: 's',
      width: 12,
      lines: [0.5, 0.95, 0.99].map(
        (q) => [quantile(q, 'copydesk_request_duration_seconds', `${S},route="classify"`), `p${q * 100}`] as const,
      ),
    },
    {
      title: 'Requests by route',
      about: 'Which interface is asked: /classify, or one of the protocols of other services.',
      unit: 'reqps',
      width: 12,
      lines: [[by('route', rate('copydesk_requests_total', asked)), '{{route}}']],
    },
  ],
};

const decisions: Row = {
  title: 'What: decisions',
  panels: [
    {
      title: 'Decisions',
      about: 'Publish, review or block. A share that jumps without a new model or policy is a change in what people write, or an attack.',
      unit: 'ops',
      width: 8,
      lines: [[by('decision', rate('copydesk_decisions_total', M)), '{{decision}}']],
    },
    {
      title: 'What decided',
      about: 'The kind of the rule, and its label or word list. `observed` is what a policy that only watches would have decided.',
      unit: 'ops',
      width: 8,
      lines: [[by('kind, name, decision, mode', rate('copydesk_rules_total', M)), '{{kind}} {{name}} → {{decision}} ({{mode}})']],
    },
    {
      title: 'Held',
      about: 'Share of the texts that are not published at once: the work that comes to people.',
      unit: 'percentunit',
      width: 8,
      lines: [
        [
          `sum by (model) (rate(copydesk_decisions_total{${M},decision!="publish"}${R})) / sum by (model) (rate(copydesk_decisions_total{${M}}${R}))`,
          '{{model}}',
        ],
      ],
    },
  ],
};

export const whatRows: readonly Row[] = [what, decisions];
