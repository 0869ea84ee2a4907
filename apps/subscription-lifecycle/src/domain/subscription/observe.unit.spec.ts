import { observe, type Observation } from './observe.ts';

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
const news = (more: Partial<Observation> & { seats?: number } = {}): Observation => {
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
const known = observe(null, news())!.state;

describe('news of a subscription', () => {
  it('that is not newer than what is known changes nothing, however late it was read', () => {
    expect(observe(known, news({ seats: 99, asOf: at('2027-01-01') }))).toBeNull();
  });

  it('starts with the seats as old as the term, so that no window is offered that may have passed', () => {
    expect(known.lots).toEqual([{ seats: 10, addedAt: at('2026-03-01') }]);
  });

  it('dates seats added elsewhere to the last time they were not there, and ours to the order', () => {
    const more = news({ seats: 12, providerVersion: 2, asOf: at('2026-06-03') });
    expect(observe(known, more)!.state.lots![1]).toEqual({ seats: 2, addedAt: known.asOf });
    const exact = at('2026-06-02T08:00:00Z');
    expect(observe(known, more, exact)!.state.lots![1]).toEqual({ seats: 2, addedAt: exact });
  });

  it('that tells a later renewal date begins a new term with a new window for all seats', () => {
    const renewed = observe(
      known,
      news({ renewalDate: '2028-03-01', providerVersion: 2, asOf: at('2027-03-02') }),
    )!;
    expect(renewed.state.termStartedAt).toBe(at('2027-03-01'));
    expect(renewed.state.lots).toEqual([{ seats: 10, addedAt: at('2027-03-01') }]);
    expect(renewed.changes).toEqual([{ fact: 'renewalDate', from: '2027-03-01', to: '2028-03-01' }]);
  });

  it('from a list alone, which has no lines, leaves the lines as they were', () => {
    const listed = observe(
      known,
      news({ lines: null, status: 'hold', providerVersion: 5, asOf: known.asOf + day }),
    )!;
    expect(listed.state.lines).toEqual(known.lines);
    expect(listed.changes.map(({ fact }) => fact)).toEqual(['status']);
  });

  it('that repeats lines read earlier, as a list does, says nothing of when they were last so', () => {
    const renewal = { renewalDate: '2028-03-01', providerVersion: 2, asOf: at('2027-03-02T15:00:00Z') };
    const listed = observe(known, news(renewal))!.state;
    const more = news({ ...renewal, seats: 25, providerVersion: 3, asOf: at('2027-03-02T15:00:05Z') });
    // Whatever was added by then may have been added with the renewal.
    expect(observe(listed, more)!.state.lots![1]).toEqual({ seats: 15, addedAt: at('2027-03-01') });
  });

  it('whose seats an order kept for the renewal brought begins no window before that renewal', () => {
    const renewed = observe(
      known,
      news({ renewalDate: '2028-03-01', providerVersion: 2, asOf: at('2027-03-02') }),
    );
    const more = news({ seats: 25, renewalDate: '2028-03-01', providerVersion: 3, asOf: at('2027-03-03') });
    const sent = at('2026-11-01');
    expect(observe(renewed!.state, more, sent)!.state.lots![1]).toEqual({
      seats: 15,
      addedAt: at('2027-03-01'),
    });
  });

  it('that overtook other news may repeat lines as old as what was known before', () => {
    const overtaking = observe(known, news({ seats: 12, providerVersion: 3, asOf: at('2026-06-20') }))!.state;
    const more = news({ seats: 15, providerVersion: 4, asOf: at('2026-06-21') });
    expect(observe(overtaking, more)!.state.lots!.at(-1)).toEqual({ seats: 3, addedAt: known.asOf });
    const first = observe(null, news({ providerVersion: 2 }))!.state;
    expect(observe(first, news({ seats: 12, providerVersion: 3 }))!.state.lots!.at(-1)!.addedAt).toBe(
      at('2026-03-01'),
    );
  });
});
