import type { ContractClass } from '@isthmus/contracts';
import { event, type NewEvent } from '@isthmus/messaging';
import type { RunCounts, RunFailure, RunStatus } from './run.ts';
import type { LeasedRun } from './run-lease.ts';

/** The events of a service's runs, in its own contracts. */
export interface RunEvents {
  started(run: LeasedRun): NewEvent;
  finished(run: LeasedRun, status: RunStatus, counts: RunCounts, failure?: RunFailure): NewEvent;
  /** A reminder that the run still waits for approval. */
  held(run: LeasedRun, reminder: HeldRunReminder): NewEvent;
}

export interface HeldRunReminder {
  /** Why it waits, and what to do. */
  failure: RunFailure;
  /** ISO 8601. */
  since: string;
  /** 1 for the first. */
  reminder: number;
}

interface RunFields<Scope, Depth> {
  runId: string;
  connectorId: string;
  scope: Scope;
  depth: Depth;
  counts: Record<string, number>;
}

type FailureFields = Pick<RunFailure, 'code' | 'detail' | 'nextStep'>;

/** A service's contracts of these events, which differ from another's in their subjects, scopes and depths. */
interface RunContracts<Scope, Depth> {
  started: ContractClass<RunFields<Scope, Depth> & { status: string }>;
  finished: ContractClass<RunFields<Scope, Depth> & { status: string; failure?: FailureFields }>;
  held: ContractClass<
    RunFields<Scope, Depth> & { heldSince: string; reminder: number; failure: FailureFields }
  >;
}

export function runEventsIn<Scope extends string, Depth extends string>(
  contracts: RunContracts<Scope, Depth>,
): RunEvents {
  const fields = (run: LeasedRun, counts: RunCounts): RunFields<Scope, Depth> => ({
    runId: run.id,
    connectorId: run.connectorId,
    scope: run.scope as Scope,
    depth: run.depth as Depth,
    counts: { ...counts },
  });
  return {
    started: (run) =>
      event(contracts.started, { ...fields(run, run.counts), status: 'running' }, metadata(run, 'start')),
    finished: (run, status, counts, failure) =>
      event(
        contracts.finished,
        { ...fields(run, counts), status, failure: failure && published(failure) },
        metadata(run, 'end'),
      ),
    held: (run, { failure, since, reminder }) =>
      event(
        contracts.held,
        { ...fields(run, run.counts), heldSince: since, reminder, failure: published(failure) },
        metadata(run, 'end'),
      ),
  };
}

const published = ({ code, detail, nextStep }: RunFailure): FailureFields => ({ code, detail, nextStep });

/** Every time a run is claimed it has two events at most: of its start, and of its end or of why it waits. */
const metadata = ({ id, tenantId, token }: LeasedRun, when: 'start' | 'end') => ({
  tenantId,
  aggregateId: id,
  version: token * 2 + (when === 'start' ? 0 : 1),
  correlationId: id,
});
