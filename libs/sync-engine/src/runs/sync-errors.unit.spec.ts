import { ApprovalNeeded, ConnectorNotUsable } from './sync.errors.ts';

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
