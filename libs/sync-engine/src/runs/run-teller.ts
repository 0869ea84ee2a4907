import type { NewEvent } from '@isthmus/messaging';
import type { HeldRun } from './run-lease.ts';
import type { RunStatus } from './run-lifecycle.ts';
import type { RunCounts, RunFailure } from './run-report.ts';

export interface HeldReminder {
  /** Why it waits, and what to do. */
  failure: RunFailure;
  /** ISO 8601. */
  since: string;
  /** 1 for the first. */
  reminder: number;
}

/** The messages a service says about its runs, in its own contracts. */
export interface RunTeller {
  /** The work item that makes a worker take the run. */
  due(run: { id: string; tenantId: string }): NewEvent;
  started(run: HeldRun): NewEvent;
  finished(run: HeldRun, status: RunStatus, counts: RunCounts, failure?: RunFailure): NewEvent;
  /** A reminder: the run still waits for somebody to approve or cancel it. */
  held(run: HeldRun, reminder: HeldReminder): NewEvent;
}
