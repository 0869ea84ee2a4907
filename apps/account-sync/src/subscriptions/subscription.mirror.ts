import type { CmpParameter, CmpSubscription, CmpSubscriptionDetail } from '@isthmus/cmp-client';
import {
  type FieldChangeV1,
  type MoneyV1,
  ProviderSubscriptionAppearedV1,
  ProviderSubscriptionChangedV1,
  ProviderSubscriptionEndedV1,
  type SubscriptionLineV1,
} from '@isthmus/contracts';
import { Decimal, Period } from '@isthmus/domain';
import { event, type NewEvent } from '@isthmus/messaging';
import {
  type ChangeOrigin,
  type Mirror,
  type MirrorChange,
  type MirrorColumn,
  mirrorId,
  mirrorRow,
  type MirrorValue,
} from '@isthmus/sync-engine';

/** Statuses of a live subscription; in all other statuses it has ended. */
const liveStatuses = ['pending', 'active', 'hold', 'unknown'] as const;
const live: ReadonlySet<string> = new Set(liveStatuses);
const liveList = liveStatuses.map((status) => `'${status}'`).join(', ');

const isLiveSubscription = ({ status }: CmpSubscription): boolean => live.has(status);
export const liveSubscriptionSql = `m.status in (${liveList})`;

/** The fields of a subscription in CMP's lists; the detail has these and more. */
const subscriptionColumns: readonly MirrorColumn<CmpSubscription>[] = [
  { name: 'cmp_id', type: 'text', of: (row) => row.id },
  { name: 'cmp_account_id', type: 'text', of: (row) => row.customerId, publishedAs: 'cmpAccountId' },
  {
    name: 'provider_account_id',
    type: 'uuid',
    of: (row, owner) => mirrorId(owner, 'provider-account', row.customerId),
  },
  { name: 'name', type: 'text', of: (row) => row.name ?? '', publishedAs: 'name' },
  { name: 'status', type: 'text', of: (row) => row.status, publishedAs: 'status' },
  { name: 'auto_renew', type: 'boolean', of: (row) => flag(row.renewalStatus), publishedAs: 'autoRenew' },
  { name: 'creation_date', type: 'date', of: (row) => row.creationDate ?? null, publishedAs: 'creationDate' },
  { name: 'renewal_date', type: 'date', of: (row) => row.renewalDate ?? null, publishedAs: 'renewalDate' },
  {
    name: 'expiration_date',
    type: 'date',
    of: (row) => row.expirationDate ?? null,
    publishedAs: 'expirationDate',
  },
  // Also changes when fields change that the list does not contain: a reason to read the detail, but not to publish anything.
  { name: 'last_modified_date', type: 'date', of: (row) => row.lastModifiedDate ?? null },
  { name: 'billing_model', type: 'text', of: (row) => row.billingModel ?? null },
  {
    name: 'billing_period',
    type: 'text',
    of: (row) => Period.iso(row.billingPeriod),
    publishedAs: 'billingPeriod',
  },
  { name: 'term', type: 'text', of: (row) => Period.iso(row.subscriptionPeriod), publishedAs: 'term' },
];

/**
 * Mirrors subscriptions as listed: a difference also marks the detail for reading, because only the detail contains the
 * quantity. The first event of a live subscription is published with its seats once its detail has been read; for an ended
 * subscription it is published immediately.
 */
export const subscriptionMirror: Mirror<CmpSubscription> = {
  kind: 'provider-subscription',
  table: 'provider_subscriptions',
  columns: subscriptionColumns,
  mapping: 1,
  cmpIdOf: (row) => row.id,
  cmpAccountIdOf: (row) => row.customerId,
  customerColumn: 'cmp_account_id',
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

const flag = (value: boolean | undefined) => (value === undefined ? null : String(value));

const totalQuantity = ({ products }: CmpSubscriptionDetail) =>
  String(products.reduce((sum, product) => sum + product.quantity, 0));

const parameter = (parameters: readonly CmpParameter[], name: string) =>
  plausible(parameters.find((candidate) => candidate.name === name)?.value?.trim());

/** Partners enter these manually; a longer value cannot be a domain or tenant id. */
const plausible = (value: string | undefined) => (value && value.length <= 255 ? value : null);

const detailColumns: readonly MirrorColumn<CmpSubscriptionDetail>[] = [
  ...subscriptionColumns,
  { name: 'hash', type: 'uuid', of: (detail, owner) => mirrorRow(subscriptionMirror, owner, detail).hash },
  { name: 'quantity', type: 'integer', of: totalQuantity, publishedAs: 'quantity' },
  {
    name: 'lines',
    type: 'json',
    of: (detail) => JSON.stringify(toSubscriptionLines(detail)),
    publishedAs: 'lines',
    differences: lineChanges,
  },
  { name: 'plan_id', type: 'text', of: (detail) => detail.planId ?? null },
  {
    name: 'microsoft_domain',
    type: 'text',
    of: (detail) => parameter(detail.orderParameters, 'microsoft_domain')?.toLowerCase() ?? null,
  },
  {
    name: 'microsoft_tenant_id',
    type: 'text',
    of: (detail) =>
      parameter(detail.fulfillmentParameters, 'ms_customer_id') ??
      parameter(detail.orderParameters, 'microsoft_tenant_id'),
  },
];

/** Mirrors details into the same table as the list mirror: quantity, lines, domain. */
export const subscriptionDetailMirror: Mirror<CmpSubscriptionDetail> = {
  kind: 'provider-subscription',
  table: 'provider_subscriptions',
  hashColumn: 'detail_hash',
  columns: detailColumns,
  cmpIdOf: (detail) => detail.id,
  cmpAccountIdOf: (detail) => detail.customerId,
  customerColumn: 'cmp_account_id',
  isLive: isLiveSubscription,
  liveSql: liveSubscriptionSql,
  derived: { gone_reason: 'null::text' },
  event: (change, origin) => subscriptionEvent(change, toSubscriptionLines(change.value), origin),
  announceSql: () => 'true',
  noLongerListed: subscriptionNoLongerListed,
};

/** The published fields of a subscription; `lines` is undefined while only the list has been read. */
function subscriptionEvent<T extends CmpSubscription>(
  { kind, id, version, value, changed, changes }: MirrorChange<T>,
  lines: SubscriptionLineV1[] | undefined,
  origin: ChangeOrigin,
): NewEvent {
  const facts = { tenantId: origin.tenantId, aggregateId: id, version };
  const ids = {
    connectorId: origin.connectorId,
    providerSubscriptionId: id,
    cmpSubscriptionId: value.id,
    cmpAccountId: value.customerId,
    providerAccountId: mirrorId(origin, 'provider-account', value.customerId),
    status: value.status,
    asOf: origin.asOf,
  };
  if (kind === 'ended') {
    const reason = value.status === 'removed' ? 'removed' : 'terminated';
    return event(ProviderSubscriptionEndedV1, { ...ids, reason }, facts);
  }
  const data = {
    ...ids,
    name: value.name ?? '',
    autoRenew: value.renewalStatus ?? false,
    creationDate: value.creationDate,
    renewalDate: value.renewalDate,
    expirationDate: value.expirationDate,
    billingPeriod: value.billingPeriod,
    term: value.subscriptionPeriod,
    quantityKnown: lines !== undefined,
    lines: lines ?? [],
  };
  return kind === 'appeared'
    ? event(ProviderSubscriptionAppearedV1, data, facts)
    : event(ProviderSubscriptionChangedV1, { ...data, changed, changes }, facts);
}

/** The published fields of a subscription that a complete listing no longer contains. */
function subscriptionNoLongerListed(row: Record<string, unknown>, origin: ChangeOrigin): NewEvent {
  const { id, cmp_id, cmp_account_id, provider_account_id, version } = row as Record<string, string>;
  const data = {
    connectorId: origin.connectorId,
    providerSubscriptionId: id!,
    cmpSubscriptionId: cmp_id!,
    cmpAccountId: cmp_account_id!,
    providerAccountId: provider_account_id!,
    status: 'no-longer-listed',
    reason: 'no-longer-listed' as const,
    asOf: origin.asOf,
  };
  return event(ProviderSubscriptionEndedV1, data, {
    tenantId: origin.tenantId,
    aggregateId: id!,
    version: Number(version),
  });
}

/** A subscription's lines in our own order: CMP's order varies, and that is not a change. */
export const toSubscriptionLines = ({
  products,
}: Pick<CmpSubscriptionDetail, 'products'>): SubscriptionLineV1[] =>
  products
    .map((product) => ({
      mpn: product.mpn,
      vendor: product.vendor ?? '',
      productId: product.id ?? '',
      name: product.name ?? '',
      quantity: product.quantity,
      unitPrice: product.unitPrice,
      unitCost: product.unitCost,
      vendorSubscriptionId: product.vendorSubscriptionId,
    }))
    .map((line) => ({ line, place: [identity(line), JSON.stringify(line)] as const }))
    .sort((a, b) => compare(a.place[0], b.place[0]) || compare(a.place[1], b.place[1]))
    .map(({ line }) => line);

// Compares code units, because the order must not depend on the machine's locale.
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const identity = ({ productId, mpn, vendor, vendorSubscriptionId = '' }: SubscriptionLineV1): string =>
  [productId, mpn, vendor, vendorSubscriptionId].join('\u001f');

const maxLabelLength = 70;
const lineFields = ['name', 'quantity', 'unitPrice', 'unitCost', 'vendorSubscriptionId'] as const;

/**
 * The differences between two stored lists of lines: `lines[MPN].quantity` with both values, or the whole line as `lines[MPN]` if
 * it was added or removed. An amount in another notation (`4.5`, `4.50`) is not a difference.
 */
export function lineChanges(from: MirrorValue, to: MirrorValue): FieldChangeV1[] {
  const before = byProduct(read(from));
  const after = byProduct(read(to));
  const labels = lineLabels(new Map([...before, ...after]));
  return [...labels].flatMap(([key, label]): FieldChangeV1[] => {
    const [was, is] = [before.get(key), after.get(key)];
    if (!was || !is) return [{ field: label, from: was, to: is }];
    return lineFields.flatMap((field) =>
      same(was[field], is[field]) ? [] : [{ field: `${label}.${field}`, from: was[field], to: is[field] }],
    );
  });
}

const read = (text: MirrorValue): SubscriptionLineV1[] =>
  text === null ? [] : (JSON.parse(text) as SubscriptionLineV1[]);

/** Indexes lines by product; several lines of one product are numbered in sort order. */
function byProduct(lines: readonly SubscriptionLineV1[]): Map<string, SubscriptionLineV1> {
  const sorted = [...lines].sort((a, b) => compare(identity(a), identity(b)));
  const keyed = new Map<string, SubscriptionLineV1>();
  for (const line of sorted) {
    const product = [line.vendor, line.mpn, line.productId].join('\u001f');
    let key = product;
    for (let place = 2; keyed.has(key); place += 1) key = `${product}\u001f${place}`;
    keyed.set(key, line);
  }
  return keyed;
}

function lineLabels(lines: ReadonlyMap<string, SubscriptionLineV1>): Map<string, string> {
  const taken = new Set<string>();
  const labels = new Map<string, string>();
  for (const [key, { mpn, productId }] of lines) {
    const base = (mpn || productId).slice(0, maxLabelLength);
    let label = `lines[${base}]`;
    for (let place = 2; taken.has(label); place += 1) label = `lines[${base}#${place}]`;
    taken.add(label);
    labels.set(key, label);
  }
  return labels;
}

function same(one: unknown, other: unknown): boolean {
  if (isMoney(one) && isMoney(other))
    return (
      one.currency === other.currency &&
      (one.amount === other.amount ||
        (Decimal.is(one.amount) &&
          Decimal.is(other.amount) &&
          Decimal.compare(one.amount, other.amount) === 0))
    );
  return one === other;
}

const isMoney = (value: unknown): value is MoneyV1 =>
  typeof value === 'object' && value !== null && 'amount' in value && 'currency' in value;
