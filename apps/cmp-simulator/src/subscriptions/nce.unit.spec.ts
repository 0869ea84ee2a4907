import { changeLots, isNce, reducibleSeats, refundCents, renewedLots, withinWindow } from './nce.ts';

const at = (text: string) => Date.parse(text);
const bought = at('2026-03-15T11:00:20Z');

describe('the cancellation window', () => {
  it.each([
    ['2026-03-15T11:00:20Z', true],
    ['2026-03-22T10:59:59Z', true],
    ['2026-03-22T11:00:00Z', true],
    ['2026-03-22T11:00:59Z', true],
    ['2026-03-22T11:01:00Z', false],
  ])('bought at 11:00 on the 15th, at %s the window is open: %s', (now, open) => {
    expect(withinWindow(bought, at(now))).toBe(open);
  });
});

describe('seats in lots', () => {
  const lots = [
    { quantity: 10, addedAt: at('2026-03-01T00:00:00Z') },
    { quantity: 4, addedAt: at('2026-03-10T00:00:00Z') },
  ];

  it('lets only the seats go that were added within seven days', () => {
    expect(reducibleSeats(lots, at('2026-03-09T00:00:00Z'))).toBe(4);
    expect(reducibleSeats(lots, at('2026-03-11T00:00:00Z'))).toBe(4);
    expect(reducibleSeats(lots, at('2026-03-17T00:01:00Z'))).toBe(0);
  });

  it('takes seats from the youngest lot first', () => {
    expect(changeLots(lots, -6, bought)).toEqual([{ quantity: 8, addedAt: lots[0]!.addedAt }]);
    expect(changeLots(lots, -3, bought)).toEqual([lots[0], { quantity: 1, addedAt: lots[1]!.addedAt }]);
  });

  it('gives every addition a window of its own', () => {
    const later = changeLots(lots, 2, at('2026-03-16T00:00:00Z'));
    expect(reducibleSeats(later, at('2026-03-16T12:00:00Z'))).toBe(6);
    expect(reducibleSeats(later, at('2026-03-20T00:00:00Z'))).toBe(2);
  });

  it('opens the window for all seats again at a renewal', () => {
    expect(reducibleSeats(renewedLots(14, bought), at('2026-03-20T00:00:00Z'))).toBe(14);
  });
});

describe('a refund inside the window', () => {
  const terms = {
    paidCents: 36500,
    periodStartedAt: at('2026-01-01T00:00:00Z'),
    periodEndsAt: at('2027-01-01T00:00:00Z'),
    fullFirstDay: false,
  };

  it('bills the days used, a started one included', () => {
    expect(refundCents(terms, at('2026-01-05T10:00:00Z'))).toBe(36000);
    expect(refundCents(terms, at('2026-01-01T10:00:00Z'))).toBe(36400);
  });

  it('returns everything in the first 24 hours when that is the policy', () => {
    expect(refundCents({ ...terms, fullFirstDay: true }, at('2026-01-01T23:00:00Z'))).toBe(36500);
    expect(refundCents({ ...terms, fullFirstDay: true }, at('2026-01-02T01:00:00Z'))).toBe(36300);
  });
});

it.each([
  ['CFQ7TTC0LH16:0001', true],
  ['CFQ7TTC0LH16', false],
  ['CFQ7TTC0LH16:0001:CFQ7TTC0K18P', false],
  ['d903a2db-bf6f-4434-83f1-21ba44017813_ANNUAL', false],
])('the part number %s is new commerce: %s', (mpn, nce) => {
  expect(isNce(mpn)).toBe(nce);
});
