import type { CmpOrderDetail } from '@isthmus/cmp-client';
import { newOrder } from '../order.ts';
import { likeness } from './order-at-cmp.ts';

const sentAt = Date.UTC(2026, 5, 1, 12);
const product = { vendor: 'MICROSOFT', mpn: 'CFQ7TTC0LH16:0001', cmpProductId: 'PRD1' };
const consent = { highestTotal: null, extraProducts: 'any' as const };
const id = '0b0e6d38-9f1c-4b1e-8a3e-0f7c6f0f6f01';
const sent = { firstSentAt: sentAt, seatsBefore: 10, status: 'unknown' as const };
const change = {
  ...newOrder(
    id,
    {
      kind: 'change-quantity',
      cmpAccountId: '100',
      cmpSubscriptionId: '55',
      product,
      seats: 12,
      when: 'now',
    },
    consent,
    sentAt,
  ),
  ...sent,
};
const found = (more: Partial<CmpOrderDetail> = {}): CmpOrderDetail => ({
  id: '9',
  type: 'change',
  customerId: '100',
  subscriptionId: '55',
  status: 'processing',
  creationDate: '2026-06-01T12:00:03Z',
  poNumber: change.marker,
  attributes: {},
  products: [{ mpn: product.mpn, id: 'PRD1', quantity: 2, parameters: [] }],
  details: [],
  ...more,
});
const verdict = (more?: Partial<CmpOrderDetail>, order: typeof change = change) =>
  likeness(order, found(more), 600_000).is;

describe('an order found at CMP after a lost answer', () => {
  it('is ours when marker, type, subscription and line agree, told as difference or as total', () => {
    expect(verdict()).toBe('ours');
    expect(verdict({ products: [{ mpn: product.mpn, id: 'PRD1', quantity: 12, parameters: [] }] })).toBe(
      'ours',
    );
  });

  it('is not ours when it is an automatic renewal that copied our number', () => {
    expect(verdict({ type: 'renewal', products: [] })).toBe('other');
  });

  it('is ours by the attribute when somebody changed the number', () => {
    expect(verdict({ poNumber: 'edited', attributes: { isthmusOrder: change.marker } })).toBe('ours');
  });

  it.each<[string, Partial<CmpOrderDetail>]>([
    ['another subscription', { subscriptionId: '56' }],
    ['another quantity', { products: [{ mpn: product.mpn, id: 'PRD1', quantity: -3, parameters: [] }] }],
    ['another product', { products: [{ mpn: product.mpn, id: 'PRD2', quantity: 2, parameters: [] }] }],
  ])('with our number but %s is for people to decide', (_, more) => {
    expect(verdict(more)).toBe('lookalike');
  });

  it('that asks for the same without any number is for people to decide', () => {
    expect(verdict({ poNumber: undefined })).toBe('lookalike');
  });

  it.each<[string, Partial<CmpOrderDetail>]>([
    ['carries somebody else’s number', { poNumber: 'PO-4711' }],
    ['is of another customer', { customerId: '101' }],
    ['was there before we sent ours', { creationDate: '2026-06-01T11:30:00Z' }],
  ])('that %s is not ours', (_, more) => {
    expect(verdict(more)).toBe('other');
  });

  it('is a cancellation by type and subscription, as those have no lines', () => {
    const cancel = {
      ...newOrder(id, { kind: 'cancel', cmpAccountId: '100', cmpSubscriptionId: '55' }, consent, sentAt),
      ...sent,
    };
    expect(verdict({ type: 'cancellation', products: [] }, cancel)).toBe('ours');
  });
});
