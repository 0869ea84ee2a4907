import type { ContractClass } from '@isthmus/contracts';
import type { Pool } from 'pg';
import type { Phase } from '../runs/run-executor.ts';
import type { HeldRun } from '../runs/run-lease.ts';
import type { RunTeller } from '../runs/run-teller.ts';

/** A run that a schedule asks for now. */
export interface DueRun {
  tenantId: string;
  connectorId: string;
  scope: string;
  depth: string;
}

/** What makes a service's runs its own; `E` is its environment. */
export interface SyncWork<E> {
  /** The work item that `tell.due` makes. */
  due: ContractClass<{ tenantId: string; runId: string }>;
  tell: RunTeller;
  phasesOf(pool: Pool, run: HeldRun, env: E): Promise<readonly Phase[]>;
  /** What the schedules of active connectors ask for now: nothing open of the kind, and the last one long enough ago. */
  dueRuns(pool: Pool, env: E): Promise<DueRun[]>;
}
