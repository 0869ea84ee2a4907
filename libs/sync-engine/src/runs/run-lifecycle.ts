export type RunStatus = 'queued' | 'running' | 'awaiting-approval' | 'succeeded' | 'failed' | 'cancelled';
export type RunAction = 'claim' | 'hold' | 'approve' | 'succeed' | 'fail' | 'cancel';

/** The whole life of a sync run: what is absent is refused. A run that would end too much is held until somebody approves it. */
export const runLifecycle: Record<RunStatus, Partial<Record<RunAction, RunStatus>>> = {
  queued: { claim: 'running', fail: 'failed', cancel: 'cancelled' },
  running: {
    claim: 'running',
    hold: 'awaiting-approval',
    succeed: 'succeeded',
    fail: 'failed',
    cancel: 'cancelled',
  },
  'awaiting-approval': { approve: 'queued', cancel: 'cancelled' },
  succeeded: {},
  failed: {},
  cancelled: {},
};

/** Statuses from which `action` is legal; SQL guards are written from this. */
export const statusesThatMay = (action: RunAction): RunStatus[] =>
  (Object.keys(runLifecycle) as RunStatus[]).filter((status) => runLifecycle[status][action]);

/** A run in one of these is the one that an equal request joins; one that waits for a person stands in nobody's way. */
export const activeStatuses: readonly RunStatus[] = ['queued', 'running'];

/** A run in one of these has not ended. */
export const openStatuses: readonly RunStatus[] = ['queued', 'running', 'awaiting-approval'];
