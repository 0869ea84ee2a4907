import { forPeople, saidOf } from './for-people.ts';

it.each([
  [
    'If all of this may end, repeat DELETE /v1/connectors/1 with ?confirm=true. Nothing is cancelled at CMP.',
    'Nothing is cancelled at Ingram Micro.',
  ],
  ['Use an id from GET /v1/invoices.', ''],
  ['Correct the fields listed in errors and send the request again.', ''],
  ['Repeat the request, with the same Idempotency-Key if it had one.', ''],
  [
    'PATCH /v1/provider-accounts/{id}: Its sync is off. Turn it on first.',
    'Its sync is off. Turn it on first.',
  ],
  ['CMP said: "Invalid password.". Check it.', 'Ingram Micro said: "Invalid password." Check it.'],
  ['Tenant account W1 has 2 linked provider accounts.', 'Work 365 account W1 has 2 linked Ingram accounts.'],
  ['Ask Ingram Micro to approve the request.', 'Ask Ingram Micro to approve the request.'],
])('of %p people read %p', (words, read) => {
  expect(forPeople(words)).toBe(read);
});

it('nothing stays of what is only for programs', () => {
  expect(saidOf({ detail: 'There is no order 7.', nextStep: 'Use an id from GET /v1/orders.' })).toBe(
    'There is no order 7.',
  );
  expect(saidOf(undefined)).toBe('');
});
