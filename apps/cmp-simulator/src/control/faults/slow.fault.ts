import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultKind } from './fault-kind.ts';

/** Waits `ms` (default 1000) of real time before the work. */
export const slow: FaultKind = {
  async before({ parameters }) {
    await sleep(Number(parameters.ms ?? 1000));
  },
};
