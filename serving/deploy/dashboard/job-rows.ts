/** @file Work that waits: files of texts that are answered in the background. */
import { by, type Row, rate, S } from './panel.js';

const off = 'the server takes no jobs';

const jobs: Row = {
  title: 'Jobs: files of texts',
  panels: [
    {
      title: 'Jobs by state',
      about: 'In the folder. Those that have ended are there until they are old or somebody forgets them.',
      unit: 'short',
      width: 6,
      lines: [[`sum by (state) (copydesk_jobs{${S}})`, '{{state}}']],
      mayBeEmpty: off,
    },
    {
      title: 'Lines of jobs',
      about: 'Answered, or put aside since they hold no text that can be answered.',
      unit: 'ops',
      width: 6,
      lines: [[by('outcome', rate('copydesk_job_lines_total')), '{{outcome}}']],
      mayBeEmpty: off,
    },
    {
      title: 'Jobs that wait',
      about: 'How long the oldest has waited for its turn; and for how long a running one has done nothing.',
      unit: 's',
      width: 6,
      lines: [
        [`max(copydesk_jobs_oldest_queued_seconds{${S}})`, 'oldest queued'],
        [`max(copydesk_jobs_still_seconds{${S}})`, 'stands still'],
      ],
      steps: [600, 900],
      mayBeEmpty: off,
    },
    {
      title: 'Jobs ended in an hour',
      about: 'By how. Failed: the log has the reason.',
      unit: 'short',
      width: 6,
      lines: [[`sum by (state) (increase(copydesk_jobs_ended_total{${S}}[1h]))`, '{{state}}']],
      mayBeEmpty: off,
    },
  ],
};

export const jobRows: readonly Row[] = [jobs];
