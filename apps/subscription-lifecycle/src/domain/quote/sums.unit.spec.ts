import fc from 'fast-check';
import { Decimal, Money } from '@isthmus/domain';
import { raisedBy, sumOf, times } from './sums.ts';

const cents = fc.integer({ min: -10_000_000, max: 10_000_000 });
const money = (units: number, currency = 'USD') =>
  Money.of(
    `${units < 0 ? '-' : ''}${Math.floor(Math.abs(units) / 100)}.${String(Math.abs(units) % 100).padStart(2, '0')}`,
    currency,
  );
const equal = (a: Money, b: Money) => expect([Money.compare(a, b), a, b]).toEqual([0, a, b]);

describe('sums of money', () => {
  it('are exact to the cent, of any signs', () => {
    fc.assert(
      fc.property(fc.array(cents, { minLength: 1, maxLength: 20 }), (units) => {
        const sum = units.reduce((a, b) => a + b, 0);
        equal(sumOf(units.map((one) => money(one)))!, money(sum));
      }),
    );
  });

  it('keep every decimal', () =>
    expect(sumOf([Money.of('0.1', 'USD'), Money.of('0.025', 'USD')])!.amount).toBe('0.125'));

  it('are none where a part is not known, or in another currency', () => {
    expect(sumOf([])).toBeNull();
    expect(sumOf([money(1), null])).toBeNull();
    expect(sumOf([money(1), money(1, 'EUR')])).toBeNull();
  });

  it('are what so many cost', () => {
    fc.assert(
      fc.property(cents, fc.integer({ min: -5_000, max: 5_000 }), (price, count) =>
        equal(times(money(price), count), money(price * count)),
      ),
    );
  });
});

describe('a tolerance', () => {
  it('of nothing changes nothing, and never lowers what may be charged', () => {
    fc.assert(
      fc.property(cents, fc.integer({ min: 0, max: 100 }), (units, percent) => {
        equal(raisedBy(money(units), 0), money(units));
        const raised = Number(raisedBy(money(units), percent).amount) * 100;
        expect(Math.abs(raised - (units + (Math.abs(units) * percent) / 100))).toBeLessThanOrEqual(0.51);
        expect(
          Decimal.compare(raisedBy(money(units), percent).amount, money(units).amount),
        ).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
