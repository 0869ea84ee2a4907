import type { NewEvent } from '@isthmus/messaging';
import type { HeldRun } from './run-lease.ts';
import type { RunStatus } from './run-lifecycle.ts';
import type { RunCounts, RunFailure } from './run-report.ts';

/** The messages a service says about its runs, in its own contracts. */
export interface RunTeller {
  /** The work item that makes a worker take the run. */
  due(run: { id: string; tenantId: string }): NewEvent;
  started(run: HeldRun): NewEvent;
  finished(run: HeldRun, status: RunStatus, counts: RunCounts, failure?: RunFailure): NewEvent;
}
