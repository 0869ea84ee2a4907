import { ConnectorNotUsable } from './cmp-connections.ts';

it('says in one sentence why a connector cannot be used, whatever the reason ends with', () => {
  for (const why of ['There is no connector c1.', 'There is no connector c1'])
    expect(new ConnectorNotUsable('c1', why, 'Look.').message).toBe(
      'Connector c1 cannot be used: There is no connector c1.',
    );
});
