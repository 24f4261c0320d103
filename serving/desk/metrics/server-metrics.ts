/** @file What is counted of the server itself: its workers, its models, its main thread. */
import { performance } from 'node:perf_hooks';
import { Counter, Gauge, type Registry } from 'prom-client';
import { packageVersion } from '../../../models/bundle/node.js';
import { fromZero, model } from './metric-scales.js';

export function serverMetrics(registers: Registry[]) {
  let before = performance.eventLoopUtilization();
  new Gauge({
    name: 'copydesk_event_loop_utilization_ratio',
    help: 'Share of its time, since the last scrape, that the main thread worked: HTTP, JSON and short texts to tokens.',
    registers,
    collect() {
      const now = performance.eventLoopUtilization();
      this.set(performance.eventLoopUtilization(now, before).utilization);
      before = now;
    },
  });
  new Gauge({ name: 'copydesk_build_info', help: 'The program; always 1.', labelNames: ['release', 'node'] as const, registers })
    .labels(packageVersion(), process.version)
    .set(1);
  return {
    workerLosses: new Counter({ name: 'copydesk_worker_losses_total', help: 'Worker threads that ended or hung.', registers }),
    workers: new Gauge({ name: 'copydesk_workers', help: 'Worker threads that are loaded.', registers }),
    workersWanted: new Gauge({ name: 'copydesk_workers_wanted', help: 'Worker threads that there should be.', registers }),
    modelLoads: fromZero(
      new Counter({
        name: 'copydesk_model_changes_total',
        help: 'Models loaded, unloaded, refused, or made the default, while the server runs.',
        labelNames: ['event'] as const,
        registers,
      }),
      ['loaded', 'unloaded', 'refused', 'default'],
    ),
    modelInfo: new Gauge({
      name: 'copydesk_model_info',
      help: 'Models served; always 1.',
      labelNames: [...model, 'default'] as const,
      registers,
    }),
  };
}
