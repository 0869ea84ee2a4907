import type { CustomerState } from '../customers/customer.ts';
import type { BrokenRecord } from '../faults/broken-records.ts';
import type { ArmedFault, FaultOrder } from '../faults/fault-book.ts';
import type { OrderAnswer } from '../orders/orders.ts';
import type { Quirks } from '../quirks.ts';
import type { ReportOddities } from '../reports/report.ts';
import type { Rebuild } from '../simulator.ts';
import type { SubscriptionDetail } from '../subscriptions/subscriptions.ts';
import type { Limits } from '../wire/access.ts';
import type { ProductPatch, Purchase, SubscriptionPatch } from './portal.ts';
import type { LedgerEntry, RequestEntry } from './records.ts';

type Account = { account?: string | undefined };

/** The control calls of a running simulator as functions; throws an Error with the simulator's message if one is refused. */
export type Control = ReturnType<typeof controlOf>;

/** Controls the simulator at an address, in this process or another. */
export function controlOf(url: string) {
  const call = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(`${url}/_control${path}`, {
      method,
      ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    });
    const answer = (await response.json()) as T & { error?: string };
    if (!response.ok)
      throw new Error(`${method} /_control${path} was rejected: ${answer.error ?? response.status}`);
    return answer;
  };
  const from = ({ account }: Account = {}) => (account ? `?account=${account}` : '');

  return {
    call,
    rebuild: (rebuild: Rebuild = {}) => call<{ now: string }>('POST', '/world', rebuild),
    now: async () => new Date((await call<{ now: string }>('GET', '/clock')).now),
    advance: (seconds: number) => call<{ now: string }>('POST', '/clock', { advanceSeconds: seconds }),
    moveTo: (instant: Date) => call<{ now: string }>('POST', '/clock', { to: instant.toISOString() }),
    fault: (fault: FaultOrder) => call<ArmedFault>('POST', '/faults', fault),
    faults: () => call<ArmedFault[]>('GET', '/faults'),
    clearFaults: () => call('DELETE', '/faults'),
    clearFault: (id: number) => call<{ cleared: number }>('DELETE', `/faults/${id}`),
    breakRecord: (record: Omit<BrokenRecord, 'account'> & Account) =>
      call<BrokenRecord>('POST', '/broken-records', record),
    mendRecords: () => call('DELETE', '/broken-records'),
    ledger: (of: Account = {}) => call<LedgerEntry[]>('GET', `/ledger${from(of)}`),
    requests: () => call<RequestEntry[]>('GET', '/requests'),
    clearRequests: () => call('DELETE', '/requests'),
    limits: (limits: Partial<Limits> & Account) => call<Limits>('POST', '/limits', limits),
    quirks: (quirks: Partial<Quirks>) => call<Quirks>('POST', '/quirks', quirks),
    revokeTokens: (of: Account = {}) => call<{ revoked: number }>('POST', '/tokens/revoke', of),
    addCustomers: (customers: { count?: number } & Partial<CustomerState> & Account) =>
      call<CustomerState[]>('POST', '/customers', customers),
    patchCustomer: (id: string, fields: Partial<CustomerState> & Account) =>
      call<CustomerState>('POST', `/customers/${id}`, fields),
    removeCustomer: (id: string, of?: Account) => call('DELETE', `/customers/${id}${from(of)}`),
    buySubscription: (purchase: Purchase & Account = {}) =>
      call<SubscriptionDetail>('POST', '/subscriptions', purchase),
    patchSubscription: (id: string, patch: SubscriptionPatch & Account) =>
      call<SubscriptionDetail>('POST', `/subscriptions/${id}`, patch),
    removeSubscription: (id: string, of?: Account) => call('DELETE', `/subscriptions/${id}${from(of)}`),
    patchProduct: (id: string, patch: ProductPatch & Account) => call('POST', `/products/${id}`, patch),
    withdrawProduct: (id: string, of?: Account) => call('DELETE', `/products/${id}${from(of)}`),
    acceptByCustomer: (id: string, of: Account = {}) => call<object>('POST', `/customers/${id}/accept`, of),
    confirmOrder: (id: string, of: Account = {}) => call<OrderAnswer>('POST', `/orders/${id}/confirm`, of),
    spoilReports: (oddities: Partial<ReportOddities> & Account) =>
      call<ReportOddities>('POST', '/report-oddities', oddities),
    mendReports: (of?: Account) => call<ReportOddities>('DELETE', `/report-oddities${from(of)}`),
    failOrder: (id: string, of: Account = {}) => call<OrderAnswer>('POST', `/orders/${id}/fail`, of),
  };
}
