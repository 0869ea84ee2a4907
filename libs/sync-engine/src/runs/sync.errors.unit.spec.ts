import { ConnectorNotUsable } from './sync.errors.ts';

it.each(['There is no connector 7.', 'it is paused'])('ends in one dot, whatever the reason: %s', (why) => {
  expect(new ConnectorNotUsable('7', why, 'Look.').message).toMatch(/[^.]\.$/);
});
