import type { CmpSubscription } from '@isthmus/cmp-client';
import type { SubscriptionLineV1 } from '@isthmus/contracts';
import { Period } from '@isthmus/domain';
import { mirrorId, type Mirror, type MirrorColumn } from '@isthmus/sync-engine';
import { subscriptionEvent, subscriptionNoLongerListed } from './subscription-event.ts';

/** Those whose quantity matters: the others have ended. */
export const liveStatuses = ['pending', 'active', 'hold', 'unknown'] as const;
const live: ReadonlySet<string> = new Set(liveStatuses);
const liveList = liveStatuses.map((status) => `'${status}'`).join(', ');

export const isLiveSubscription = ({ status }: CmpSubscription): boolean => live.has(status);
export const liveSubscriptionSql = `m.status in (${liveList})`;

const flag = (value: boolean | undefined) => (value === undefined ? null : String(value));

/** What CMP's lists say of a subscription; the detail says the same and more. */
export const subscriptionColumns: readonly MirrorColumn<CmpSubscription>[] = [
  { name: 'cmp_id', type: 'text', of: (row) => row.id },
  { name: 'cmp_account_id', type: 'text', of: (row) => row.customerId, told: 'cmpAccountId' },
  {
    name: 'provider_account_id',
    type: 'uuid',
    of: (row, owner) => mirrorId(owner, 'provider-account', row.customerId),
  },
  { name: 'name', type: 'text', of: (row) => row.name ?? '', told: 'name' },
  { name: 'status', type: 'text', of: (row) => row.status, told: 'status' },
  { name: 'auto_renew', type: 'boolean', of: (row) => flag(row.renewalStatus), told: 'autoRenew' },
  { name: 'creation_date', type: 'date', of: (row) => row.creationDate ?? null, told: 'creationDate' },
  { name: 'renewal_date', type: 'date', of: (row) => row.renewalDate ?? null, told: 'renewalDate' },
  { name: 'expiration_date', type: 'date', of: (row) => row.expirationDate ?? null, told: 'expirationDate' },
  // Moves with changes the list does not show: a reason to read the detail, not news by itself.
  { name: 'last_modified_date', type: 'date', of: (row) => row.lastModifiedDate ?? null },
  { name: 'billing_model', type: 'text', of: (row) => row.billingModel ?? null },
  { name: 'billing_period', type: 'text', of: (row) => Period.iso(row.billingPeriod), told: 'billingPeriod' },
  { name: 'term', type: 'text', of: (row) => Period.iso(row.subscriptionPeriod), told: 'term' },
];

/**
 * Subscriptions as the listing shows them: a difference also asks for the detail, which alone has the quantity. A new one that is live
 * is announced with its seats, when the detail was read; one that has ended already is announced at once.
 */
export const subscriptionMirror: Mirror<CmpSubscription> = {
  kind: 'provider-subscription',
  table: 'provider_subscriptions',
  columns: subscriptionColumns,
  cmpIdOf: (row) => row.id,
  cmpAccountIdOf: (row) => row.customerId,
  isLive: isLiveSubscription,
  liveSql: liveSubscriptionSql,
  derived: {
    detail_wanted_at: `case when u.status in (${liveList}) then now() end`,
    gone_reason: 'null::text',
  },
  announceSql: (alias) => `${alias}.status not in (${liveList})`,
  detailFollows: true,
  returning: ['lines'],
  event: (change, origin) =>
    subscriptionEvent(change, (change.stored.lines as SubscriptionLineV1[] | null) ?? undefined, origin),
  noLongerListed: subscriptionNoLongerListed,
  noLongerListedSql: `gone_reason = 'no-longer-listed'`,
};
