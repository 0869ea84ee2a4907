import { BillingContractCreatedV1, contractOf, nameOf } from '@isthmus/contracts';
import { event } from './outbox.ts';

const metadata = { tenantId: 't', aggregateId: 'a', version: 1 };
const of = (data: object) => event(BillingContractCreatedV1, data as never, metadata).data as object;

it('an event has no words of CMP, wherever in it they are quoted, and everything else as it was', () => {
  const detail = `CMP rejected orders.place: business. CMP said: "the session abc is not known". Follow it.`;
  const told = 'CMP rejected orders.place: business. CMP said: [redacted, see the record]. Follow it.';
  const at = new Date();
  const data = { detail, at, list: [{ reason: { detail, code: 'x' }, n: 1 }], nothing: null };
  expect(of(data)).toEqual({
    detail: told,
    at,
    list: [{ reason: { detail: told, code: 'x' }, n: 1 }],
    nothing: null,
  });
  expect(data.detail).toBe(detail);
});

it('an event without such words has the very data it was given', () => {
  const data = { detail: 'CMP is unavailable for orders.place: timeout.', lines: [{ quantity: 1 }] };
  expect(of(data)).toBe(data);
  expect(event(BillingContractCreatedV1, data as never, metadata).type).toBe(
    nameOf(contractOf(BillingContractCreatedV1)),
  );
});
