import { RenewalAheadV1, WindowClosingV1 } from '@isthmus/contracts';
import { event, type NewEvent } from '@isthmus/messaging';
import type { Warning } from '../domain/schedule/warnings.ts';
import { productLineOf } from '../domain/nce/product-line.ts';
import { isExtended, type SubscriptionState } from '../domain/subscription/subscription-record.ts';
import type { SubscriptionRow } from './subscription-row.ts';

/** A subscription that is looked at, and whether a change of it is scheduled. */
export type WatchedRow = SubscriptionRow & { changesScheduled: boolean };

/** A warning in the words of its contract. */
export function warningEvent(row: WatchedRow, warning: Warning): NewEvent {
  const { id, tenantId, version, connectorId, cmpSubscriptionId, cmpAccountId, name, state } = row;
  const meta = { tenantId, aggregateId: id, version };
  const of = { connectorId, subscriptionId: id, cmpSubscriptionId, cmpAccountId, name };
  if (warning.kind === 'window-closing') {
    const closesAt = new Date(warning.about).toISOString();
    return event(
      WindowClosingV1,
      { ...of, mpn: warning.mpn, seats: warning.seats, closesAt, hoursAhead: warning.ahead },
      meta,
    );
  }
  const told: RenewalAheadV1 = {
    ...of,
    renewalDate: new Date(warning.about).toISOString().slice(0, 10),
    daysAhead: warning.ahead,
    autoRenew: state.autoRenew,
    outcome: outcomeOf(state),
    seats: state.lines?.reduce((sum, { seats }) => sum + seats, 0),
    changesScheduled: row.changesScheduled,
    billingContractId: row.billingContractId ?? undefined,
  };
  return event(RenewalAheadV1, told, meta);
}

/** What becomes of it when nobody does anything. */
function outcomeOf(state: SubscriptionState): RenewalAheadV1['outcome'] {
  if (isExtended(state)) return 'extended-term';
  if (state.autoRenew) return 'renews';
  const nce = (state.lines ?? []).some((line) => productLineOf(line) === 'nce');
  return nce ? 'ends-or-extended-term' : 'ends';
}
