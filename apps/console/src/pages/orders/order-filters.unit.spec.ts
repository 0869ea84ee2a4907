import { countsByTab, filtersOf, inTab, orderTabs, statusesOf } from './order-filters.ts';

const statuses = [
  'planned',
  'awaiting-approval',
  'sending',
  'unknown',
  'accepted',
  'scheduled',
  'proving',
  'settled',
  'refused',
  'withdrawn',
  'completed-not-effective',
  'needs-attention',
] as const;

describe('filters of the orders', () => {
  it('shows every status in exactly one tab', () => {
    const shown = Object.values(statusesOf).flat();
    expect([...shown].sort()).toEqual([...statuses].sort());
  });

  it('asks for whole days, the last one included', () => {
    expect(filtersOf({ from: '2026-02-27', to: '2026-02-28' })).toEqual({
      requestedFrom: '2026-02-27T00:00:00Z',
      requestedTo: '2026-03-01T00:00:00.000Z',
    });
  });

  it('asks for nothing that is not in the address', () => {
    expect(filtersOf({ q: undefined, kind: undefined, account: undefined })).toEqual({});
    expect(inTab('all')).toEqual({});
    expect(inTab('attention')).toEqual({ status: ['needs-attention', 'completed-not-effective'] });
  });

  it('counts each order in one tab and in all', () => {
    const data = statuses.map((status, index) => ({ status, orders: 2 ** index, oldestAt: null }));
    const counts = countsByTab({ data });
    expect(counts.all).toBe(2 ** statuses.length - 1);
    const tabs = orderTabs.filter((tab) => tab !== 'all' && tab !== 'elsewhere');
    expect(tabs.reduce((sum, tab) => sum + (counts[tab] ?? 0), 0)).toBe(counts.all);
    expect(counts.approval).toBe(2);
  });

  it('shows no number before the counts are known', () => {
    expect(countsByTab(undefined)).toEqual({});
  });
});
