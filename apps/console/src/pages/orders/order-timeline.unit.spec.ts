import { momentsOf, type OrderCall } from './order-timeline.ts';

const status = (at: string, name: string) => ({ at, status: name as 'planned', reason: null, by: 'system' });
const call = (at: string, result = 'ok', tookMs = 100): OrderCall => ({
  ...{ at, result, tookMs, operation: 'orders.create', method: 'POST', path: '/orders', attempt: 1 },
  ...{ lane: 'order', httpStatus: 201, waitedMs: 0, cmpCorrelationId: null, response: null },
});

const history = [
  status('2026-11-27T10:00:00.000Z', 'planned'),
  status('2026-11-27T10:00:01.000Z', 'sending'),
  status('2026-11-27T10:00:02.000Z', 'accepted'),
  status('2026-11-27T10:05:00.000Z', 'settled'),
];

describe('the life of an order', () => {
  it('puts calls between the statuses that they led to', () => {
    const moments = momentsOf(history.slice(0, 3), [call('2026-11-27T10:00:01.500Z')], { goesOn: false });
    expect(moments.map(({ kind }) => kind)).toEqual(['status', 'status', 'call', 'status']);
  });

  it('shows a pause of more than ten seconds as a wait in the status before it', () => {
    const moments = momentsOf(history, [], { goesOn: false });
    expect(moments.filter(({ kind }) => kind === 'wait')).toEqual([
      { kind: 'wait', at: '2026-11-27T10:00:02.000Z', until: '2026-11-27T10:05:00.000Z', status: 'accepted' },
    ]);
  });

  it('does not take the time of a call for a wait', () => {
    const slow = call('2026-11-27T10:00:02.000Z', 'ok', 297_000);
    const waits = momentsOf(history, [slow], { goesOn: false }).filter(({ kind }) => kind === 'wait');
    expect(waits).toEqual([]);
  });

  it('waits without an end when the order goes on, and not when it has ended', () => {
    const open = momentsOf(history.slice(0, 1), [], { goesOn: true });
    expect(open.at(-1)).toEqual({
      ...{ kind: 'wait', at: '2026-11-27T10:00:00.000Z', until: undefined, status: 'planned' },
    });
    expect(momentsOf(history, [], { goesOn: false }).at(-1)).toMatchObject({ kind: 'status', isLast: true });
  });

  it('shows failed calls alone when they are asked for, with the statuses around them', () => {
    const calls = [call('2026-11-27T10:00:01.200Z', 'timeout'), call('2026-11-27T10:00:01.600Z')];
    const moments = momentsOf(history, calls, { goesOn: true, onlyFailed: true });
    expect(moments.filter(({ kind }) => kind === 'call')).toHaveLength(1);
    expect(moments.some(({ kind }) => kind === 'wait')).toBe(false);
  });

  it('sorts a history that came newest first', () => {
    const moments = momentsOf([...history].reverse(), [], { goesOn: false, onlyFailed: true });
    expect(moments.map(({ at }) => at)).toEqual(history.map(({ at }) => at));
  });
});
