import { ApprovalNeeded, ConnectorNotUsable, PlanOutdated, RunActionRefused } from './sync.errors.ts';

it('says in one sentence why a connector cannot be used, whatever the reason ends with', () => {
  for (const why of ['There is no connector c1.', 'There is no connector c1'])
    expect(new ConnectorNotUsable('c1', why, 'Look.').message).toBe(
      'Connector c1 cannot be used: There is no connector c1.',
    );
});

it('counts what would end by its plural', () => {
  const would = { end: 9, of: 20, limit: 5 };
  expect(new ApprovalNeeded(would, 'subscription').message).toContain('9 of 20 subscriptions,');
  expect(new ApprovalNeeded(would, 'address').message).toContain('9 of 20 addresses,');
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
