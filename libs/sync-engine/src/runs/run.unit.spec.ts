import {
  ApprovalNeeded,
  allowedEndings,
  openStatuses,
  PlanOutdated,
  type RunAction,
  RunActionRefused,
  runLifecycle,
  type RunStatus,
  statusesAllowing,
} from './run.ts';

const statuses = Object.keys(runLifecycle) as RunStatus[];

it('reaches every status from queued', () => {
  const reached = new Set<RunStatus>(['queued']);
  for (const status of reached) for (const next of Object.values(runLifecycle[status])) reached.add(next);
  expect([...reached].sort()).toEqual([...statuses].sort());
});

it('leaves a run that succeeded, failed or was cancelled as it is', () => {
  for (const status of ['succeeded', 'failed', 'cancelled'] as const)
    expect(runLifecycle[status]).toEqual({});
});

it('counts exactly the runs that can still move as open', () => {
  expect([...openStatuses].sort()).toEqual(
    statuses.filter((status) => Object.keys(runLifecycle[status]).length).sort(),
  );
});

it.each<[RunAction, RunStatus[]]>([
  ['claim', ['queued', 'running']],
  ['approve', ['awaiting-approval']],
  ['hold', ['running']],
])('allows %s only from %j', (action, from) => {
  expect(statusesAllowing(action)).toEqual(from);
});

const limits = { rows: 5, share: 0.1 };

it.each([
  ['a few endings in a small world', 20, 0, 5],
  ['a share of a large one', 1_000, 0, 100],
  ['what a person approved, when that is more', 1_000, 400, 400],
  ['the limit still, when less was approved', 1_000, 7, 100],
])('allows %s', (_, live, approved, allowed) => {
  expect(allowedEndings(limits, live, approved)).toBe(allowed);
});

it('counts what would end by its plural', () => {
  const would = { end: 9, of: 20, limit: 5 };
  expect(new ApprovalNeeded(would, 'subscription').message).toContain('9 of 20 subscriptions,');
  expect(new ApprovalNeeded(would, 'address').message).toContain('9 of 20 addresses,');
});

it('names each danger of a run that was held', () => {
  const moved = { count: 12, of: 40, limit: 5 };
  const seats = { fewer: 90, of: 400, limit: 50 };
  const few = { end: 2, of: 20, limit: 5 };
  const message = (would: ConstructorParameters<typeof ApprovalNeeded>[0]) =>
    new ApprovalNeeded(would, 'subscription').message;
  expect(message({ ...few, moved })).toMatch(
    /^The run would move 12 of 40 subscriptions to other customers, more than the limit of 5\. Changes beyond/,
  );
  expect(message({ ...few, moved, seats })).toMatch(/move 12 of 40 .* remove 90 of 400 seats/);
  expect(message({ end: 9, of: 20, limit: 5, moved })).toMatch(/end 9 of 20 .* move 12 of 40/);
});

it.each([
  ['approve', 'Sync run r1 is cancelled; it can no longer be approved.'],
  ['cancel', 'Sync run r1 is cancelled; it can no longer be cancelled.'],
  ['apply', 'Sync run r1 is cancelled; it can no longer be applied.'],
])('says what can no longer be done to a run: %s', (action, message) => {
  expect(new RunActionRefused('r1', 'cancelled', action, 'Start a new run.').message).toBe(message);
});

it('names the records that are in the way of a plan, and counts the others', () => {
  const differs = [{ kind: 'product', cmpId: 'p1', reason: 'is no longer there' }];
  expect(new PlanOutdated('r1', differs, 3).message).toBe(
    'Plan r1 cannot be applied as shown, because what it was compared with has changed. product p1: is no longer there; and 2 more',
  );
  expect(new PlanOutdated('r1', differs, 1).message).not.toContain('more');
});
