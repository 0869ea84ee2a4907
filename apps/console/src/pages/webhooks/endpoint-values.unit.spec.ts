import { bodyOf, changesOf, healthOf, valuesOf } from './endpoint-values.ts';

const endpoint = { url: 'https://erp.example/hook?***', description: 'ERP', eventTypes: ['*'] };

it('reads event types line by line or with commas, each once', () => {
  const eventTypes = ' webhooks.*\n\naccount-sync.invoice-imported.v1, webhooks.*\n';
  expect(bodyOf({ url: ' https://a.example/ ', description: ' x ', eventTypes })).toEqual({
    url: 'https://a.example/',
    description: 'x',
    eventTypes: ['webhooks.*', 'account-sync.invoice-imported.v1'],
  });
});

it('sends of a change only what was changed: never an address whose secret part is masked', () => {
  const before = valuesOf(endpoint);
  expect(changesOf(before, before)).toEqual({});
  expect(changesOf(before, { ...before, description: 'ERP 2' })).toEqual({ description: 'ERP 2' });
  expect(changesOf(before, { ...before, eventTypes: 'webhooks.*' })).toEqual({ eventTypes: ['webhooks.*'] });
  expect(changesOf(before, { ...before, url: 'https://erp.example/new' })).toEqual({
    url: 'https://erp.example/new',
  });
});

it.each([
  [{ status: 'disabled', failingSince: '2026-01-01T00:00:00Z', heldUntil: null }, 'disabled'],
  [{ status: 'enabled', failingSince: '2026-01-01T00:00:00Z', heldUntil: null }, 'failing'],
  [{ status: 'enabled', failingSince: null, heldUntil: '2026-01-02T00:00:00Z' }, 'held'],
  [{ status: 'enabled', failingSince: null, heldUntil: '2025-12-31T00:00:00Z' }, 'enabled'],
  [{ status: 'enabled', failingSince: null, heldUntil: null }, 'enabled'],
] as const)('%j is %s', (state, health) => {
  expect(healthOf(state, new Date('2026-01-01T12:00:00Z'))).toBe(health);
});
