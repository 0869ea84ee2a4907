import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { Meter } from '@opentelemetry/api';

const microsecond = 1e-6;
const nanosecond = 1e-9;

/**
 * What the process itself uses, under the names of OpenTelemetry's semantic conventions. Read when metrics are; between two readings
 * nothing runs but the histogram of the event loop's delays.
 */
export function observeProcess(meter: Meter): void {
  meter
    .createObservableCounter('process.cpu.time', { unit: 's', description: 'CPU time used, by mode.' })
    .addCallback((result) => {
      const { user, system } = process.cpuUsage();
      result.observe(user * microsecond, { 'cpu.mode': 'user' });
      result.observe(system * microsecond, { 'cpu.mode': 'system' });
    });
  meter
    .createObservableGauge('process.memory.usage', { unit: 'By', description: 'Resident memory.' })
    .addCallback((result) => result.observe(process.memoryUsage.rss()));
  meter
    .createObservableGauge('process.uptime', { unit: 's', description: 'Time since the process started.' })
    .addCallback((result) => result.observe(process.uptime()));
  meter
    .createObservableGauge('v8js.memory.heap.used', { unit: 'By', description: 'Heap in use.' })
    .addCallback((result) => result.observe(getHeapStatistics().used_heap_size));
  meter
    .createObservableGauge('v8js.memory.heap.limit', { unit: 'By', description: 'The most the heap may be.' })
    .addCallback((result) => result.observe(getHeapStatistics().heap_size_limit));
  observeEventLoop(meter);
}

/** How late timers were since the last reading, and how much of that time the loop was busy. */
function observeEventLoop(meter: Meter): void {
  const delays = monitorEventLoopDelay({ resolution: 20 });
  delays.enable();
  meter
    .createObservableGauge('nodejs.eventloop.delay.p99', {
      unit: 's',
      description: 'How late the latest hundredth of all timers was.',
    })
    .addCallback((result) => {
      result.observe(delays.count > 0 ? delays.percentile(99) * nanosecond : 0);
      delays.reset();
    });
  let before = performance.eventLoopUtilization();
  meter
    .createObservableGauge('nodejs.eventloop.utilization', {
      unit: '1',
      description: 'Share of time in which the event loop was busy.',
    })
    .addCallback((result) => {
      const now = performance.eventLoopUtilization();
      result.observe(performance.eventLoopUtilization(now, before).utilization);
      before = now;
    });
}
