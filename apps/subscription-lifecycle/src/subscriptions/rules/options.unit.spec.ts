import { Period } from '@isthmus/domain';
import { optionsFor, type SubscriptionFacts } from './options.ts';

const at = (text: string) => Date.parse(text);
const term = at('2026-03-01T10:00:00Z');
const facts: SubscriptionFacts = {
  status: 'active',
  product: { mpn: 'CFQ7TTC0LH16:0001', name: 'Microsoft 365 Business Basic' },
  autoRenew: true,
  term: Period.parse('P1Y'),
  termStartedAt: term,
  renewsAt: at('2027-03-01T10:00:00Z'),
};
const lots = [
  { seats: 10, addedAt: term },
  { seats: 4, addedAt: at('2026-06-10T12:30:45Z') },
];

describe('what may be done with a subscription', () => {
  it('within the first week: everything', () => {
    expect(optionsFor(facts, [lots[0]!], at('2026-03-02T00:00:00Z'))).toMatchObject({
      increase: { allowed: true },
      decrease: { allowed: true, seats: 9, until: at('2026-03-08T10:00:00Z') },
      cancel: { allowed: true, until: at('2026-03-08T10:00:00Z') },
    });
  });

  it('in mid-term: seats of the last week can go, to the minute; the rest at renewal; cancelling means not renewing', () => {
    const options = optionsFor(facts, lots, at('2026-06-12T00:00:00Z'));
    expect(options.decrease).toMatchObject({ allowed: true, seats: 4, until: at('2026-06-17T12:30:00Z') });
    expect(options.decreaseAtRenewal).toMatchObject({ allowed: true, on: facts.renewsAt });
    expect(options.cancel).toMatchObject({ allowed: false, code: 'cancellation-window-closed' });
    expect(options.cancel.nextStep).toContain('auto-renew off');
  });

  it('without auto-renew nothing can be scheduled', () => {
    expect(
      optionsFor({ ...facts, autoRenew: false }, lots, at('2026-08-01')).decreaseAtRenewal,
    ).toMatchObject({
      allowed: false,
      code: 'no-renewal',
    });
  });

  it('a legacy subscription can be cancelled, not changed', () => {
    const legacy = { ...facts, product: { mpn: 'bd938f12-058f-4927-bba3-ae36b1d2501c_ANNUAL' } };
    const options = optionsFor(legacy, lots, at('2026-08-01'));
    expect(options.increase.code).toBe('legacy-update-not-supported');
    expect(options.decrease).toMatchObject({ allowed: false, seats: 0, code: 'legacy-update-not-supported' });
    expect(options.cancel.allowed).toBe(true);
  });

  it('what is not active cannot be changed at all', () => {
    const options = optionsFor({ ...facts, status: 'hold' }, lots, term);
    for (const option of [options.increase, options.decrease, options.cancel, options.renewalSetting])
      expect(option).toMatchObject({ allowed: false, code: 'subscription-not-active' });
  });

  it('when nobody knows when the term began, the window counts as closed', () => {
    expect(optionsFor({ ...facts, termStartedAt: null }, [], term).cancel.allowed).toBe(false);
  });
});
