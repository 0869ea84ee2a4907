import { ApprovalNeeded, PlanOutdated, RunActionRefused } from './run.errors.ts';

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
    /^The run would move 12 of 40 subscriptions to other customers, more than the limit of 5\. What goes beyond/,
  );
  expect(message({ ...few, moved, seats })).toMatch(/move 12 of 40 .* take away 90 of 400 seats/);
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
