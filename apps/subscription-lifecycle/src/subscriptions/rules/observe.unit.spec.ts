import { Period } from '@isthmus/domain';
import { SubscriptionNotKnownYet, type SubscriptionState } from '../subscription.ts';
import type { KnownOrder } from './terms.ts';
import { explain, type Observation, observe, observeEnd } from './observe.ts';
import { factsForOptions, optionsFor } from './options.ts';

const day = 86_400_000;
const at = (text: string) => Date.parse(text);
const line = {
  vendor: 'MICROSOFT',
  mpn: 'CFQ7TTC0LH16:0001',
  cmpProductId: 'P',
  name: 'Basic',
  unitPrice: null,
  unitCost: null,
  vendorSubscriptionId: null,
};
const event = (more: Partial<Observation> & { seats?: number } = {}): Observation => {
  const { seats = 10, ...others } = more;
  return {
    name: 'Basic',
    status: 'active',
    autoRenew: true,
    creationDate: '2026-03-01',
    renewalDate: '2027-03-01',
    expirationDate: null,
    billingPeriod: null,
    term: null,
    lines: [{ ...line, seats }],
    providerVersion: 1,
    asOf: at('2026-06-01'),
    ...others,
  };
};
const known = observe(null, event())!.state;
const order = (time: string, more: Partial<KnownOrder> & { seats?: number } = {}): KnownOrder => {
  const { seats, ...others } = more;
  const lines = seats === undefined ? [] : [{ mpn: line.mpn, cmpProductId: 'P', seats }];
  const id = `o${time}`;
  return { id, number: id, type: 'change', createdAt: at(time), doneAt: at(time) + 60_000, lines, ...others };
};
const optionsAt = (state: SubscriptionState, now: string) =>
  optionsFor(factsForOptions(state, line, state.lines![0]!.seats), state.lots, at(now));

describe('news of a subscription', () => {
  it('that is not newer than what is known changes nothing, however late it was read', () => {
    expect(observe(known, event({ seats: 99, asOf: at('2027-01-01') }))).toBeNull();
  });

  it('without any product line is no news of the lines while it lives', () => {
    for (const status of ['active', 'hold', 'pending', 'something new']) {
      const empty = event({ lines: [], status, providerVersion: 2, asOf: at('2026-06-03') });
      const { state, changes } = observe(known, empty)!;
      expect(state).toMatchObject({ lines: known.lines, lots: known.lots, status });
      expect(changes.map(({ fact }) => fact)).not.toContain('lines');
      const back = observe(state, event({ providerVersion: 3, asOf: at('2026-06-04') }))!.state;
      expect(back.lots).toEqual(known.lots);
    }
    const ended = observe(known, event({ lines: [], status: 'terminated', providerVersion: 2 }))!;
    expect(ended.state.lines).toEqual([]);
  });

  it('starts with the seats as old as the term, so that no window is offered that may have passed', () => {
    expect(known.lots).toEqual([{ seats: 10, addedAt: at('2026-03-01') }]);
  });

  it('dates seats to the order that added them, whoever placed it, and all others to the term', () => {
    const more = event({ seats: 12, providerVersion: 2, asOf: at('2026-06-03') });
    const silent = observe(known, more)!;
    expect(silent.state.lots).toEqual([{ seats: 12, addedAt: at('2026-03-01') }]);
    expect(silent.changes[0]).toMatchObject({ fact: 'lines', note: expect.stringMatching(/2 of the seats/) });
    const explained = observe(known, more, [order('2026-06-02T08:00:07Z', { seats: 2 })])!;
    expect(explained.state.lots![1]).toEqual({ seats: 2, addedAt: at('2026-06-02T08:00:07Z') });
    expect(explained.changes[0]!.note).toBeUndefined();
  });

  it('gives the seats of a slow order to the reading that has them, not to the one in between', () => {
    const early = observe(
      null,
      event({ seats: 17, creationDate: '2026-05-20', asOf: at('2026-06-02') }),
    )!.state;
    const slow = order('2026-06-01T20:00Z', { seats: 16, doneAt: at('2026-06-02T19:00Z') });
    const less = order('2026-06-02T20:00Z', { seats: -1 });
    const more = event({ seats: 32, creationDate: '2026-05-20', providerVersion: 2, asOf: at('2026-06-03') });
    expect(observe(early, more, [slow, less])!.state.lots).toEqual([
      { seats: 17, addedAt: at('2026-05-20') },
      { seats: 15, addedAt: slow.createdAt },
    ]);
  });

  it('corrects lots when their order becomes known later, and says by which order a term began', () => {
    const more = observe(known, event({ seats: 12, providerVersion: 2, asOf: at('2026-06-03') }))!.state;
    const added = order('2026-06-02T08:00:00Z', { seats: 2 });
    expect(explain(more, [added])!.state.lots![1]).toEqual({ seats: 2, addedAt: added.createdAt });
    expect(explain(more, [])).toBeNull();
    const bought = order('2026-03-01T21:22:40Z', { type: 'sales', number: 'SO000012' });
    const { state, changes } = explain(known, [bought])!;
    expect(state.lots).toEqual([{ seats: 10, addedAt: bought.createdAt }]);
    expect(changes[0]).toMatchObject({ fact: 'termStartedAt', note: expect.stringContaining('SO000012') });
    expect(optionsAt(state, '2026-03-08T21:21:59Z').cancel.allowed).toBe(true);
    expect(optionsAt(state, '2026-03-08T21:22:00Z').cancel.allowed).toBe(false);
  });

  it('that tells a later renewal date begins a new term with a new window for all seats', () => {
    const renewed = observe(
      known,
      event({ renewalDate: '2028-03-01', providerVersion: 2, asOf: at('2027-03-02') }),
    )!;
    expect(renewed.state.termStartedAt).toBe(at('2027-03-01'));
    expect(renewed.state.lots).toEqual([{ seats: 10, addedAt: at('2027-03-01') }]);
    expect(renewed.changes).toEqual([
      {
        fact: 'renewalDate',
        from: '2027-03-01',
        to: '2028-03-01',
        note: 'A term began 2027-03-01T00:00:00.000Z.',
      },
    ]);
  });

  it('from a list alone, which has no lines, leaves the lines as they were', () => {
    const listed = observe(
      known,
      event({ lines: null, status: 'hold', providerVersion: 5, asOf: known.asOf + day }),
    )!;
    expect(listed.state.lines).toEqual(known.lines);
    expect(listed.changes.map(({ fact }) => fact)).toEqual(['status']);
  });

  it('whose seats an order kept for the renewal brought begins no window before that renewal', () => {
    const renewed = observe(
      known,
      event({ renewalDate: '2028-03-01', providerVersion: 2, asOf: at('2027-03-02') }),
    );
    const more = event({ seats: 25, renewalDate: '2028-03-01', providerVersion: 3, asOf: at('2027-03-03') });
    expect(observe(renewed!.state, more, [order('2026-11-01', { lines: [] })])!.state.lots).toEqual([
      { seats: 25, addedAt: at('2027-03-01') },
    ]);
  });
});

describe('a renewal date that moves although nothing renewed', () => {
  const year = Period.parse('P1Y');
  const first = observe(null, event({ term: year }))!.state;
  const after = (...readings: (Partial<Observation> & { orders?: KnownOrder[] })[]) =>
    readings.reduce((before, { orders = [], ...more }, n) => {
      const version = n + 2;
      const asOf = more.asOf ?? at('2026-11-26') + n * day;
      return (
        observe(before, event({ term: year, providerVersion: version, ...more, asOf }), orders)?.state ??
        before
      );
    }, first);
  it.each<[string, Partial<Observation>[]]>([
    ['an upgrade to three years', [{ renewalDate: '2029-11-26', term: Period.parse('P3Y') }]],
    ['a day later, by time zone', [{ renewalDate: '2027-03-02' }]],
    ['far in the future without auto-renew', [{ renewalDate: '9999-12-31', autoRenew: false }]],
    [
      'back and forth',
      ['2027-03-02', '2027-02-28', '2027-03-01', '2027-03-02'].map((renewalDate) => ({ renewalDate })),
    ],
    [
      'corrected backwards into the last days, and back',
      [{ renewalDate: '2026-11-24' }, { renewalDate: '2027-03-01' }],
    ],
    [
      'a year back, and back',
      [{ renewalDate: '2025-11-27' }, { renewalDate: '2026-11-27' }, { renewalDate: '2027-03-01' }],
    ],
    [
      'to a date that is reached, and then corrected',
      [{ renewalDate: '2026-11-27' }, {}, { renewalDate: '2027-03-01' }],
    ],
    ['away, and back', [{ renewalDate: null }, { renewalDate: '2027-03-01' }]],
    ['with a creation date of yesterday', [{ creationDate: '2026-11-25' }, { creationDate: '2026-12-24' }]],
    ['with seats that flicker', [{ lines: [] }, {}, { lines: [{ ...line, seats: 1 }] }, {}]],
    [
      'by an order that did not complete, renewed, or sold anything',
      [{ renewalDate: '2029-11-26', orders: [order('2026-11-26', { lines: [] })] } as object],
    ],
  ])('%s: the windows stay closed, and the history says why', (_, readings) => {
    const state = after(...readings);
    expect(state.termStartedAt).toBe(at('2026-03-01'));
    for (const now of ['2026-11-26T12:00Z', '2026-12-01', '2027-03-05', '2029-11-28'])
      expect(optionsAt(state, now)).toMatchObject({ cancel: { allowed: false }, decrease: { seats: 0 } });
  });

  it('is told in the history with what it did not do', () => {
    const { changes } = observe(first, event({ term: year, renewalDate: '2027-03-02', providerVersion: 2 }))!;
    expect(changes).toEqual([
      {
        fact: 'renewalDate',
        from: '2027-03-01',
        to: '2027-03-02',
        note: 'No term began: 2027-03-01 has not been reached, and no renewal order is known. The windows are not changed.',
      },
    ]);
  });

  it('begins a term at once where a renewal order explains it, at its minute', () => {
    const renewal = order('2026-11-20T14:05:31Z', { type: 'renewal' });
    const state = after({ renewalDate: '2028-03-01', orders: [renewal] });
    expect(state.termStartedAt).toBe(renewal.createdAt);
    expect(optionsAt(state, '2026-11-27T14:04:59Z').cancel.allowed).toBe(true);
    expect(optionsAt(state, '2026-11-27T14:05:00Z').cancel.allowed).toBe(false);
  });

  it('counts a renewal from the day that was reached until its order is known, then from that', () => {
    const renewed = { renewalDate: '2028-03-01', asOf: at('2027-03-01T09:00Z') };
    expect(after(renewed).termStartedAt).toBe(at('2027-03-01'));
    const renewal = order('2027-03-01T04:12:00Z', { type: 'renewal' });
    expect(explain(after(renewed), [renewal])!.state.termStartedAt).toBe(renewal.createdAt);
  });

  it('finds the term that has begun last when months went by unseen', () => {
    const monthly = { term: Period.parse('P1M') };
    const state = after(
      { ...monthly, renewalDate: '2026-12-10' },
      { ...monthly, renewalDate: '2027-03-10', asOf: at('2027-02-20') },
    );
    expect(state.termStartedAt).toBe(at('2027-02-10'));
  });

  it('takes an upgrade order for what it is: seats that become those of another product are not new', () => {
    const other = { ...line, mpn: 'CFQ7TTC0LDPB:0001', cmpProductId: 'Q', seats: 10 };
    const upgrade = order('2026-11-25T10:00Z', { lines: [{ mpn: other.mpn, cmpProductId: 'Q', seats: 10 }] });
    expect(after({ lines: [other], orders: [upgrade] }).lots).toEqual([
      { seats: 10, addedAt: at('2026-03-01') },
    ]);
    const partial = [
      { ...line, seats: 6 },
      { ...other, seats: 4 },
    ];
    const four = order('2026-11-25T10:00Z', { lines: [{ mpn: other.mpn, cmpProductId: 'Q', seats: 4 }] });
    const { lots } = after({ lines: partial, orders: [four] });
    expect(lots!.every(({ addedAt }) => addedAt === at('2026-03-01'))).toBe(true);
    // Nor do they explain what nobody ordered later.
    const later = [
      { ...line, seats: 6 },
      { ...other, seats: 8 },
    ];
    expect(
      after({ lines: partial, orders: [four] }, { lines: later, orders: [four] }).lots!.every(
        ({ addedAt }) => addedAt === at('2026-03-01'),
      ),
    ).toBe(true);
  });

  it('knows what was stored before: a start in the future is none, one in the past stays', () => {
    const { evidence: _, readings: __, ...stored } = { ...known, termStartedAt: at('2027-03-01') };
    const state = observe(stored, event({ providerVersion: 2 }))!.state;
    expect(state).toMatchObject({ termStartedAt: at('2026-03-01'), lots: [{ addedAt: at('2026-03-01') }] });
    const past = { ...stored, termStartedAt: at('2026-05-01') };
    expect(observe(past, event({ providerVersion: 2 }))!.state.termStartedAt).toBe(at('2026-05-01'));
  });
});

describe('an extended service term', () => {
  const off = {
    autoRenew: false,
    renewalDate: '2026-06-10',
    term: Period.parse('P1Y'),
    creationDate: '2025-06-10',
  };
  const month = { ...off, term: Period.parse('P1M'), renewalDate: '2026-07-10', providerVersion: 2 };
  const before = observe(null, event(off))!.state;

  it('is a month after an unrenewed year, in which everything can go any day', () => {
    const { state, changes } = observe(before, event({ ...month, asOf: at('2026-06-10T06:00Z') }))!;
    expect(state.evidence!.extendedSince).toBe(at('2026-06-10'));
    expect(changes.find(({ fact }) => fact === 'term')!.note).toMatch(/extended service term/);
    expect(optionsAt(state, '2026-06-20')).toMatchObject({
      cancel: { allowed: true, until: null },
      decrease: { allowed: true, seats: 9, until: null },
    });
    const next = observe(
      state,
      event({ ...month, renewalDate: '2026-08-10', providerVersion: 3, asOf: at('2026-07-20') }),
    )!.state;
    expect(optionsAt(next, '2026-07-30').cancel.allowed).toBe(true);
  });

  it('is over when a commitment was bought again', () => {
    const { state } = observe(before, event({ ...month, asOf: at('2026-06-11') }))!;
    const again = observe(
      state,
      event({ ...off, renewalDate: '2027-06-20', providerVersion: 3, asOf: at('2026-06-21') }),
    )!;
    expect(optionsAt(again.state, '2026-06-30').cancel.allowed).toBe(false);
  });

  it.each<[string, Partial<Observation>, Partial<Observation>]>([
    ['the date was not reached', {}, { asOf: at('2026-06-09') }],
    ['auto-renew was on', { autoRenew: true }, {}],
    ['auto-renew is on', {}, { autoRenew: true }],
    ['it was monthly before', { term: Period.parse('P1M') }, {}],
    ['it is not active any more', {}, { status: 'terminated' }],
    ['the term was not known', { term: null }, {}],
  ])('is none when %s', (_, was, is) => {
    const state = observe(
      observe(null, event({ ...off, ...was }))!.state,
      event({ ...month, asOf: at('2026-06-20'), ...is }),
    )!.state;
    expect(state.evidence!.extendedSince).toBeNull();
  });
});

describe('the end of a subscription', () => {
  const known: SubscriptionState = {
    name: 'Basic',
    status: 'active',
    autoRenew: true,
    creationDate: '2026-03-01',
    renewalDate: '2027-03-01',
    expirationDate: null,
    billingPeriod: null,
    term: null,
    lines: null,
    lots: null,
    termStartedAt: null,
    providerVersion: 3,
    asOf: 10,
  };
  const end = { status: 'terminated', providerVersion: 4, asOf: 20 };

  it('the end of a subscription changes its status and leaves the rest', () => {
    expect(observeEnd('S', known, end)).toEqual({ ...known, ...end });
  });

  it('the end is ignored once something newer is known', () => {
    expect(observeEnd('S', known, { ...end, providerVersion: 3 })).toBeNull();
  });

  it('the end of what nothing was heard of has to be heard again, or its beginning would be the last word', () => {
    expect(() => observeEnd('S', null, end)).toThrow(SubscriptionNotKnownYet);
  });
});
