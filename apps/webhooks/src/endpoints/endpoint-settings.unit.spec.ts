import { eventContracts } from '@isthmus/contracts';
import { matchingFilters, unknownFilters } from './endpoint-settings.ts';

const types = eventContracts().map(({ eventType }) => eventType);

it('matches an event by its type, by its service and by a star, and by nothing else', () => {
  expect(matchingFilters('account-sync.sync-run-started.v1')).toEqual([
    '*',
    'account-sync.*',
    'account-sync.sync-run-started.v1',
  ]);
});

it('knows every event of every service, and tells what can never match', () => {
  expect(unknownFilters(['*', 'account-sync.*', 'webhooks.*', ...types], types)).toEqual([]);
  const wrong = ['account-sync.sync-run-started', 'account-sync.sync-run-*', 'billing.*', 'account-sync', ''];
  expect(unknownFilters(wrong, types)).toEqual(wrong);
});
