import { Money } from '@isthmus/domain';
import { newOrder } from '../order.ts';
import { evaluateChecks } from './order-checks.ts';

const product = { vendor: 'MICROSOFT', mpn: 'CFQ7TTC0LH16:0001' };
const order = (highestTotal: Money | null) =>
  newOrder(
    '0b0e6d38-9f1c-4b1e-8a3e-0f7c6f0f6f01',
    { kind: 'create', cmpAccountId: '100', product, seats: 5, parameters: [] },
    { highestTotal, extraProducts: 'any' },
    0,
  );
const unread = [{ field: 'total.amount', reason: 'expected a decimal such as 1234.50', sum: true }];

describe('an estimate whose total cannot be read', () => {
  it('does not pass a highest price, and the refusal names the field', () => {
    const verdict = evaluateChecks(
      order(Money.of('100', 'USD')),
      { estimate: { products: [], details: [], unread } },
      0,
    );
    expect(verdict).toMatchObject({
      observed: 'checks-refused',
      reason: { code: 'price-unreadable', detail: expect.stringContaining('total.amount') },
    });
  });

  it('keeps nobody from ordering who has named no highest price', () => {
    const verdict = evaluateChecks(order(null), { estimate: { products: [], details: [], unread } }, 0);
    expect(verdict.observed).toBe('checks-passed');
  });
});
