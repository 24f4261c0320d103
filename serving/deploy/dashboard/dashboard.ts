/** @file The rows of `panels.ts` in Grafana's JSON. */
import type { Form, Panel, Row } from './panel.js';
import { rows } from './panels.js';

const datasource = { type: 'prometheus', uid: '$datasource' };

export function dashboard(): object {
  return {
    uid: 'copydesk',
    title: 'Copydesk',
    description: 'What the server does, and why.',
    tags: ['copydesk', 'moderation'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    timezone: '',
    templating: {
      list: [
        { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus', current: {}, refresh: 1 },
        variable('job', 'Job', 'label_values(copydesk_build_info, job)'),
        variable('instance', 'Instance', 'label_values(copydesk_build_info{job=~"$job"}, instance)'),
        variable('model', 'Model', 'label_values(copydesk_model_info{job=~"$job",instance=~"$instance"}, model)'),
        variable('version', 'Version', 'label_values(copydesk_model_info{job=~"$job",instance=~"$instance",model=~"$model"}, version)'),
      ],
    },
    annotations: {
      list: [
        {
          name: 'Model changes',
          datasource,
          enable: true,
          iconColor: 'purple',
          expr: 'sum by (event) (increase(copydesk_model_changes_total{job=~"$job",instance=~"$instance"}[1m])) > 0',
          titleFormat: 'model {{event}}',
        },
      ],
    },
    panels: placed(rows),
  };
}

const variable = (name: string, label: string, query: string): object => ({
  name,
  label,
  type: 'query',
  datasource,
  query: { query, refId: name },
  definition: query,
  multi: true,
  includeAll: true,
  allValue: '.*',
  current: { text: 'All', value: '$__all' },
  refresh: 2,
  sort: 1,
});

const heights: { readonly [F in Form]: number } = { stat: 4, timeseries: 8, heatmap: 8, table: 8 };

/** Left to right, and on to a new line where 24 columns are full. */
function placed(all: readonly Row[]): object[] {
  const panels: object[] = [];
  let [x, y, height] = [0, 0, 0];
  const breakLine = (): void => {
    [x, y, height] = [0, y + height, 0];
  };
  for (const { title, panels: inRow } of all) {
    breakLine();
    panels.push({ id: panels.length + 1, type: 'row', title, collapsed: false, panels: [], gridPos: { x: 0, y, w: 24, h: 1 } });
    y += 1;
    for (const panel of inRow) {
      const h = heights[panel.form ?? 'timeseries'];
      if (x + panel.width > 24) breakLine();
      panels.push(written(panel, panels.length + 1, { x, y, w: panel.width, h }));
      x += panel.width;
      height = Math.max(height, h);
    }
  }
  return panels;
}

function written({ title, about, mayBeEmpty, unit, form = 'timeseries', lines, steps }: Panel, id: number, gridPos: object): object {
  const instant = form === 'table';
  return {
    id,
    type: form,
    title,
    description: mayBeEmpty === undefined ? about : `${about} Empty: ${mayBeEmpty}.`,
    datasource,
    gridPos,
    targets: lines.map(([expr, legendFormat], i) => ({
      refId: String.fromCharCode(65 + i),
      datasource,
      expr,
      legendFormat: legendFormat || '__auto',
      ...(instant ? { instant: true, range: false, format: 'table' } : { range: true, instant: false }),
      ...(form === 'heatmap' ? { format: 'heatmap' } : {}),
    })),
    fieldConfig: { defaults: { unit, min: 0, custom: customs[form], thresholds: thresholds(steps) }, overrides: [] },
    options: options[form],
    ...(instant ? { transformations: [{ id: 'organize', options: { excludeByName: { Time: true } } }] } : {}),
  };
}

function thresholds(steps: Panel['steps']): object {
  const coloured = steps ? [{ color: 'yellow', value: steps[0] }, { color: 'red', value: steps[1] }] : []; // biome-ignore format: short
  return { mode: 'absolute', steps: [{ color: 'green', value: null }, ...coloured] };
}

const customs: { readonly [F in Form]: object } = {
  timeseries: { drawStyle: 'line', lineWidth: 1, fillOpacity: 10, showPoints: 'never', spanNulls: false },
  stat: {},
  heatmap: { scaleDistribution: { type: 'linear' } },
  table: { align: 'auto' },
};

const options: { readonly [F in Form]: object } = {
  timeseries: {
    legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] },
    tooltip: { mode: 'multi', sort: 'desc' },
  },
  stat: { reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false }, colorMode: 'value', graphMode: 'area', textMode: 'auto' },
  heatmap: { calculate: false, color: { mode: 'scheme', scheme: 'Spectral', steps: 64 }, yAxis: { unit: 's' }, cellGap: 1 },
  table: { showHeader: true, cellHeight: 'sm' },
};
