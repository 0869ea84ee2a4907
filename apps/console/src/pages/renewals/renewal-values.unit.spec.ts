import { costOfDoingNothing, inAWeek, renewalsWithin, type Renewal } from './renewal-values.ts';

const renewal = (amount?: string, currency = 'USD', outcome: Renewal['outcome'] = 'renews'): Renewal =>
  ({ outcome, costOfDoingNothing: amount === undefined ? null : { amount, currency } }) as Renewal;
const ending = renewal(undefined, 'USD', 'ends');

describe('renewals', () => {
  it('asks for days, not moments, from today on', () => {
    const now = new Date('2026-12-30T23:30:00Z');
    expect(renewalsWithin(7, {}, now)).toEqual({
      from: '2026-12-30',
      to: '2027-01-06',
    });
    expect(renewalsWithin(30, { renew: 'off', connectorId: 'c' }, now)).toMatchObject({
      autoRenew: false,
      connectorId: 'c',
    });
  });

  it('asks the same question about windows for an hour', () => {
    expect(inAWeek(new Date('2026-11-27T10:00:01Z'))).toBe('2026-12-04T11:00:00.000Z');
    expect(inAWeek(new Date('2026-11-27T10:59:59Z'))).toBe('2026-12-04T11:00:00.000Z');
  });

  it('adds up what the next terms cost, per currency and exactly', () => {
    const costs = costOfDoingNothing([renewal('0.1'), renewal('0.20'), renewal('12.40', 'EUR'), ending]);
    expect(costs).toEqual({
      totals: [
        { currency: 'EUR', amount: '12.40' },
        { currency: 'USD', amount: '0.30' },
      ],
      withoutPrice: 0,
    });
  });

  it('counts what has no price instead of taking it for nothing', () => {
    expect(costOfDoingNothing([renewal(), ending])).toEqual({ totals: [], withoutPrice: 1 });
  });
});
