import type { SimulatorOptions } from '../simulator-options.ts';
import { startSimulator, type RunningSimulator } from '../start-simulator.ts';

/** The instant the worlds of the specs begin at. */
export const start = '2026-03-01T09:00:00.000Z';

/** A simulator for specs: no limits, a clock that stands still, orders that take 100 seconds. */
export function quietSimulator(options: SimulatorOptions = {}): Promise<RunningSimulator> {
  const limits = { perMinute: null, perDay: null };
  return startSimulator({ now: start, clock: 'stopped', orderDelaySeconds: 100, limits, ...options });
}
