/** @file Files that say again, in another form, what is said elsewhere. */
import { readFileSync } from 'node:fs';
import { dashboard } from './dashboard/dashboard.js';

/** By path, seen from this folder. */
export function madeFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['grafana/copydesk.json', `${JSON.stringify(dashboard(), null, 2)}\n`],
    ['kubernetes/alert-rules.yaml', alertRules(readFileSync(new URL('prometheus/alerts.yml', import.meta.url), 'utf8'))],
  ]);
}

/** The alerts for the Prometheus operator: the same rules under `spec`. */
function alertRules(alerts: string): string {
  const groups = alerts
    .slice(alerts.indexOf('groups:'))
    .trimEnd()
    .replaceAll(/^(?=.)/gm, '  ');
  return `# Made from ../prometheus/alerts.yml by write-files.ts.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: copydesk
  labels:
    app.kubernetes.io/name: copydesk
spec:
${groups}
`;
}
