import {
  AgreedSubscriptionV1,
  eventContract,
  type ContractClass,
  ContractViolated,
  decode,
  OrderStateV1,
  type ProviderAccountV1,
} from '@isthmus/contracts';
import type { NewEvent } from '@isthmus/messaging';
import type { Reported } from '@isthmus/rest-provider/subscriptions/entries.ts';
import type { KnownSubscription } from '@isthmus/rest-provider/subscriptions/known-subscription.ts';
import {
  BillingCycleType,
  BillingType,
  SubscriptionStatus,
  type WireEnum,
} from '@isthmus/rest-provider/work365/enums.ts';
import { toOrderState } from '@isthmus/subscription-lifecycle/orders/order-events.ts';
import type { OrderRecord } from '@isthmus/subscription-lifecycle/orders/order.ts';
import {
  createdEvent,
  toAgreedSubscription,
} from '@isthmus/subscription-lifecycle/subscriptions/subscription-events.ts';
import type { SubscriptionRow } from '@isthmus/subscription-lifecycle/subscriptions/subscription.entity.ts';
import {
  isEnded,
  type SubscriptionState,
} from '@isthmus/subscription-lifecycle/subscriptions/subscription.ts';
import type { ModelSubscription } from '../cmp/model-records.ts';
import { subscriptionIdOf } from '../mirror/mirror.ts';
import { uuidOf } from '../world/event-bus.ts';
import type { EventRules } from '../world/event-rules.ts';
import type { Random } from '../world/random.ts';
import { linesAtCmp } from './check-subscriptions.ts';
import type { Violation } from './check-orders.ts';

const tenantId = uuidOf(0, 1);
const connectorId = uuidOf(0, 2);
const readable = 'a strict client can read it';

/** What one line of a subscription was last reported as. */
interface Entry {
  id: string;
  quantity: number;
}

/**
 * A client of Work 365's contract that takes no null for a number, a boolean or an enumeration, and knows a product line by its
 * id alone. It receives everything by the contracts between the services, the lines in any order.
 */
export class StrictClient {
  readonly violations: Violation[] = [];
  private readonly seen = new Map<string, string>();
  private readonly stored = new Map<string, Reported[]>();
  /** By CMP's id of the subscription and the mpn of the line. */
  private readonly entries = new Map<string, Map<string, Entry>>();

  constructor(
    private readonly rules: Pick<EventRules, 'entriesOf' | 'canBeReported' | 'toSubscription'>,
    private readonly random: Random,
  ) {}

  /** Reads every subscription that is kept and was changed since. */
  readSubscriptions(kept: ReadonlyMap<string, SubscriptionState>, owners: ReadonlyMap<string, string>): void {
    for (const [id, state] of kept) {
      const { status, autoRenew, renewalDate, creationDate, lines } = state;
      const seen = JSON.stringify([status, autoRenew, renewalDate, creationDate, lines]);
      if (this.seen.get(id) === seen) continue;
      this.seen.set(id, seen);
      this.readSubscription(rowOf(id, state, owners.get(id) ?? '?'));
    }
  }

  readOrders(orders: Iterable<OrderRecord>): void {
    for (const record of orders)
      this.read(OrderStateV1, toOrderState({ id: record.id, record, subscriptionId: null, wait: null }));
  }

  readEvents(events: Iterable<NewEvent>): void {
    for (const { type, data } of events) this.read(eventContract(type)!.type, data);
  }

  /** After CMP was read to its end: what was last reported of a subscription against CMP's. */
  compare(subscription: ModelSubscription): void {
    const { id, status } = subscription;
    if (status !== 'active') return;
    for (const { mpn, seats } of linesAtCmp(subscription)) {
      const quantity = this.entries.get(id)?.get(mpn)?.quantity;
      if (quantity !== seats)
        this.broken('each line is reported as CMP has it', `${mpn} of ${id}: ${seats}, reported ${quantity}`);
    }
  }

  private readSubscription(row: SubscriptionRow): void {
    const agreed = this.read(AgreedSubscriptionV1, toAgreedSubscription(row));
    this.read(contractOf(row).type, contractOf(row).data);
    if (!agreed) return;
    const before = this.entries.get(row.cmpSubscriptionId) ?? new Map<string, Entry>();
    const known = this.reportedOf(agreed);
    const live = !isEnded(row.status);
    if (live && row.state.lines === null && known.length > 0)
      this.broken('nothing is reported without known seats', `subscription ${row.cmpSubscriptionId}`);
    const views = known.map((one) => this.view(one));
    for (const [index, { entry }] of known.entries())
      if (entry && !entry.gone) this.note(row, before, entry.line.mpn, views[index]!);
    for (const [mpn, { id }] of before)
      if (!views.some((view) => view.id === id))
        this.broken('what was reported stays reported', `${mpn} of ${row.cmpSubscriptionId}, entry ${id}`);
    if (new Set(views.map(({ id }) => id)).size < views.length)
      this.broken('the id of a line is its own', `subscription ${row.cmpSubscriptionId}`);
    this.entries.set(row.cmpSubscriptionId, before);
  }

  private note(row: SubscriptionRow, before: Map<string, Entry>, mpn: string, view: Entry): void {
    const about = `${mpn} of subscription ${row.cmpSubscriptionId}`;
    const was = before.get(mpn)?.id ?? view.id;
    if (was !== view.id)
      this.broken('the id of a line never changes', `${about} was ${was} and is ${view.id}`);
    const seats = row.state.lines?.find((line) => line.mpn === mpn)?.seats;
    if (view.quantity !== seats)
      this.broken('the last known quantity is reported', `${about}: ${seats}, reported ${view.quantity}`);
    before.set(mpn, { id: was, quantity: view.quantity });
  }

  /** The entries of a subscription, as the service for Work 365 works them out. */
  private reportedOf(told: AgreedSubscriptionV1): (KnownSubscription & { agreed: AgreedSubscriptionV1 })[] {
    const { subscriptionId: id, cmpAccountId: customerId } = told;
    const agreed = { ...told, lines: this.random.chance(0.5) ? told.lines.toReversed() : told.lines };
    if (agreed.lines.length === 0)
      return this.rules.canBeReported(agreed) ? [{ id, customerId, agreed }] : [];
    const { entries, added, replaced } = this.rules.entriesOf(agreed, this.stored.get(id) ?? []);
    const now = [...(this.stored.get(id) ?? []), ...replaced, ...added];
    this.stored.set(id, [...new Map(now.map((one) => [one.entryId, one])).values()]);
    return entries.map((entry) => ({ id: entry.entryId, customerId, agreed, entry }));
  }

  private view(known: KnownSubscription): Entry {
    const view = overTheWire(
      this.rules.toSubscription(known, accountOf(known), known.entry?.line.mpn ?? null),
    );
    for (const [field, right] of Object.entries(fields))
      if (!right(view[field]))
        this.broken(readable, `${field} of entry ${known.id} is ${JSON.stringify(view[field])}`);
    return view as unknown as Entry;
  }

  /** Nothing where it breaks its contract. What is not known is absent: no contract between services has a null. */
  private read<T extends object>(type: ContractClass<T>, data: object): T | undefined {
    const told = overTheWire(data);
    const text = JSON.stringify(told);
    if (text.includes(':null')) this.broken(readable, `${type.name} has a null: ${text}`);
    try {
      return decode(type, told);
    } catch (error) {
      if (!(error instanceof ContractViolated)) throw error;
      this.broken(readable, error.message);
      return undefined;
    }
  }

  private broken(rule: string, detail: string): void {
    this.violations.push({ rule, detail });
  }
}

const overTheWire = (data: object) => JSON.parse(JSON.stringify(data)) as Record<string, unknown>;

const oneOf = (members: WireEnum) => (value: unknown) =>
  typeof value === 'number' && Object.values(members).includes(value);
const text = (value: unknown): boolean => typeof value === 'string';
const instant = (value: unknown): boolean => text(value) && !Number.isNaN(Date.parse(value as string));
const orNull = (right: (value: unknown) => boolean) => (value: unknown) => value === null || right(value);

/** What the contract says of the fields of a subscription. */
const fields: Record<string, (value: unknown) => boolean> = {
  id: (value) => text(value) && (value as string).length > 0 && (value as string).length <= 50,
  name: text,
  partNumber: orNull(text),
  createdOn: orNull(instant),
  modifiedOn: orNull(instant),
  startDate: orNull(instant),
  autoRenew: (value) => typeof value === 'boolean',
  quantity: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  provisioningFrequency: oneOf(BillingCycleType),
  billingType: oneOf(BillingType),
  status: oneOf(SubscriptionStatus),
};

const contractOf = (row: SubscriptionRow) => {
  const { type, data } = createdEvent(row, { correlationId: row.id });
  return { type: eventContract(type)!.type, data };
};

const accountOf = ({ customerId }: KnownSubscription): ProviderAccountV1 =>
  ({ providerAccountId: customerId, name: `Customer ${customerId}` }) as ProviderAccountV1;

function rowOf(cmpSubscriptionId: string, state: SubscriptionState, cmpAccountId: string): SubscriptionRow {
  const { name, status } = state;
  const unknown = { providerAccountId: null, accountName: null, friendlyName: null, billingContractId: null };
  return {
    id: subscriptionIdOf(cmpSubscriptionId),
    tenantId,
    connectorId,
    cmpSubscriptionId,
    cmpAccountId,
    ...unknown,
    name,
    status,
    state,
    assignment: 'default',
    announced: true,
    endedAt: isEnded(status) ? new Date(state.asOf) : null,
    version: 1,
  };
}
