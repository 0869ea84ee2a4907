import {
  fieldTimeOf,
  filtersOf,
  momentOf,
  scheduleBody,
  seatsOrder,
  type ScheduleValues,
} from './subscription-values.ts';

const id = '0199c7b2-6f5e-7a10-8d00-0000000000aa';

const typed: ScheduleValues = {
  kind: 'cancel',
  seats: '3',
  autoRenew: 'on',
  line: '',
  at: 'renewal',
  time: '',
};

describe('what is asked and ordered for a subscription', () => {
  it('asks only for what the address names', () => {
    expect(filtersOf({ tab: 'live' })).toEqual({});
    expect(filtersOf({ tab: 'no-contract', q: 'E3', connectorId: 'c' })).toEqual({
      assigned: 'false',
      q: 'E3',
      connectorId: 'c',
    });
    expect(filtersOf({ tab: 'renew-off', from: '2026-12-01', to: '2026-12-31' })).toEqual({
      autoRenew: false,
      renewalFrom: '2026-12-01',
      renewalTo: '2026-12-31',
    });
  });

  it('orders the total, and names the line only where there are several', () => {
    expect(seatsOrder(id, { seats: '6', when: 'now', line: '' })).toEqual({
      kind: 'change-quantity',
      subscriptionId: id,
      seats: 6,
      when: 'now',
    });
    expect(seatsOrder(id, { seats: '12', when: 'renewal', line: 'CFQ7TTC0LH16:0001' })).toMatchObject({
      mpn: 'CFQ7TTC0LH16:0001',
      when: 'renewal',
    });
  });

  it('schedules for the renewal, or for a moment with its zone', () => {
    const values: ScheduleValues = { ...typed, kind: 'change-quantity' };
    expect(scheduleBody(id, values)).toEqual({
      subscriptionId: id,
      kind: 'change-quantity',
      at: 'renewal',
      seats: 3,
    });
    const at = scheduleBody(id, { ...values, kind: 'cancel', at: 'time', time: '2026-12-24T08:00' }).at;
    expect(at).toMatch(/^2026-12-2[345]T\d\d:\d\d:00\.000Z$/);
  });

  it('sends no seats with a renewal setting, and says on or off', () => {
    const values: ScheduleValues = { ...typed, kind: 'renewal-setting', autoRenew: 'off', at: 'time' };
    expect(scheduleBody(id, values)).toEqual({
      subscriptionId: id,
      kind: 'renewal-setting',
      at: '',
      autoRenew: false,
    });
  });

  it('shows a moment in the field so that sending it back does not move it', () => {
    const at = '2026-12-24T08:30:00.000Z';
    expect(momentOf(fieldTimeOf(at))).toBe(at);
    expect(momentOf(fieldTimeOf('renewal'))).toBe('renewal');
  });

  it('leaves to the server what is no moment', () => {
    expect(momentOf({ at: 'time', time: 'tomorrow' })).toBe('tomorrow');
  });
});
