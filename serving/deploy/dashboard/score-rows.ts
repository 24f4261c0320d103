/** @file Why: what texts come, and what the models and people make of them. */
import { by, M, quantile, R, type Row, rate, S } from './panel.js';

const scores: Row = {
  title: 'Why: scores and drift',
  panels: [
    {
      title: 'Drift by label',
      about:
        'Population stability index of the last thousand texts against the reference. Below .1 as before, above .25 another population.',
      unit: 'short',
      width: 8,
      lines: [[`max by (model, version, label) (copydesk_score_drift{${M}})`, '{{model}} {{label}}']],
      steps: [0.1, 0.25],
      mayBeEmpty: 'it takes 200 texts, and a thousand more where the bundle has no reference',
    },
    {
      title: 'Mean score by label',
      about: 'Where the scores of each label lie on the whole.',
      unit: 'percentunit',
      width: 8,
      lines: [
        [
          `sum by (model, label) (rate(copydesk_label_score_sum{${M}}${R})) / sum by (model, label) (rate(copydesk_label_score_count{${M}}${R}))`,
          '{{model}} {{label}}',
        ],
      ],
    },
    {
      title: 'Sure of it',
      about: 'Share of the scores below .1 or above .9. A model that is unsure more often sees texts unlike those it learnt from.',
      unit: 'percentunit',
      width: 8,
      lines: [
        [
          `1 - (sum by (model, label) (rate(copydesk_label_score_bucket{${M},le="0.9"}${R})) - sum by (model, label) (rate(copydesk_label_score_bucket{${M},le="0.1"}${R}))) / sum by (model, label) (rate(copydesk_label_score_count{${M}}${R}))`,
          '{{model}} {{label}}',
        ],
      ],
    },
    {
      title: 'Reference of the drift',
      about: 'Texts it is measured from: `val` is recorded in the bundle, `first-texts` are the first that were asked here.',
      unit: 'short',
      form: 'table',
      width: 12,
      lines: [[`max by (model, version, source) (copydesk_score_reference_texts{${M}})`, '']],
    },
    {
      title: 'Cut off',
      about: 'Texts whose end is not read, since they are longer than the model reads.',
      unit: 'ops',
      width: 12,
      lines: [[by('model', rate('copydesk_texts_truncated_total', M)), '{{model}}']],
      mayBeEmpty: 'no text was too long',
    },
  ],
};

const models: Row = {
  title: 'Models, and the version that is tried beside them',
  panels: [
    {
      title: 'Models',
      about: 'What is served by how many instances.',
      unit: 'short',
      form: 'table',
      width: 8,
      lines: [[`count by (model, version, default) (copydesk_model_info{${M}})`, '']],
    },
    {
      title: 'Changes',
      about: 'Models loaded, unloaded, refused or made the default in the hour. A refusal has its reason in the log.',
      unit: 'short',
      width: 8,
      lines: [[`sum by (event) (increase(copydesk_model_changes_total{${S}}[1h]))`, '{{event}}']],
    },
    {
      title: 'Shadow: disagrees',
      about: 'Share of the texts for which the second version gives another label or decision.',
      unit: 'percentunit',
      width: 8,
      lines: [
        [
          `1 - sum by (model, shadow) (rate(copydesk_shadow_texts_total{${M},agrees="true"}${R})) / sum by (model, shadow) (rate(copydesk_shadow_texts_total{${M}}${R}))`,
          '{{model}} → {{shadow}}',
        ],
      ],
      mayBeEmpty: 'no second version is asked along',
    },
    {
      title: 'Shadow: how it would decide',
      about: 'From the decision that was given to the one that the second version would give.',
      unit: 'ops',
      width: 8,
      lines: [[by('decision, shadow_decision', rate('copydesk_shadow_texts_total', M)), '{{decision}} → {{shadow_decision}}']],
      mayBeEmpty: 'no second version is asked along',
    },
    {
      title: 'Shadow: difference of scores',
      about: 'The largest difference of a score between both versions.',
      unit: 'short',
      width: 8,
      lines: [[quantile(0.95, 'copydesk_shadow_score_difference', M, 'model, shadow'), '{{model}} → {{shadow}} p95']],
      mayBeEmpty: 'no second version is asked along',
    },
    {
      title: 'Shadow: skipped',
      about: 'Requests it was not asked for: the queue was half full (busy), or it failed.',
      unit: 'ops',
      width: 8,
      lines: [[by('reason', rate('copydesk_shadow_skipped_total')), '{{reason}}']],
    },
  ],
};

const off = 'the server keeps no held texts';

const review: Row = {
  title: 'People: the queue of held texts',
  panels: [
    {
      title: 'Review: items',
      about: 'In the file, by status.',
      unit: 'short',
      width: 8,
      lines: [[`sum by (status) (copydesk_review_items{${S}})`, '{{status}}']],
      mayBeEmpty: off,
    },
    {
      title: 'Review: oldest',
      about: 'How long the oldest text waits for a person.',
      unit: 's',
      width: 8,
      lines: [[`max(copydesk_review_oldest_seconds{${S}})`, 'oldest']],
      mayBeEmpty: off,
    },
    {
      title: 'Review: held texts',
      about: 'Queued, or why not: the queue is full, the file cannot be written, or it took too long.',
      unit: 'ops',
      width: 8,
      lines: [[by('outcome', rate('copydesk_review_texts_total')), '{{outcome}}']],
      mayBeEmpty: off,
    },
    {
      title: 'Review: decisions',
      about: 'What people decide, and whether they give the label that the model gave. If they seldom do, it is time to train again.',
      unit: 'ops',
      width: 12,
      lines: [[by('action, agrees', rate('copydesk_review_decisions_total')), '{{action}}, agrees: {{agrees}}']],
      mayBeEmpty: 'nobody has decided lately',
    },
    {
      title: 'Review: file',
      about: 'Size of the file, and suggestions that came by feedback.',
      unit: 'bytes',
      width: 12,
      lines: [
        [`sum(copydesk_review_file_bytes{${S}})`, 'bytes'],
        [`sum(${rate('copydesk_feedback_total')})`, 'suggestions in a second'],
      ],
      mayBeEmpty: off,
    },
  ],
};

export const scoreRows: readonly Row[] = [scores, models, review];
