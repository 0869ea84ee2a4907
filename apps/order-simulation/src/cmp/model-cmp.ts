import type { CmpOrderRequest, CmpPeriod } from '@isthmus/cmp-client';
import {
  beginTerm,
  cancellable,
  hasEffect,
  isOpen,
  type ModelOrder,
  type ModelSubscription,
  type ModelTerms,
  returnable,
  seatsAfter,
  seatsIn,
  setSeats,
  type UnknownBehaviour,
} from './model-records.ts';

const day = 86_400_000;
const daysOf: Partial<Record<CmpPeriod['type'], number>> = { day: 1, month: 30, year: 365 };
const annual: ModelTerms = {
  term: { type: 'year', duration: 1 },
  billing: { type: 'month', duration: 1 },
};

/** A purchase is of what it names, and of the usual where it names nothing; a change leaves it as it is. */
const termsOf = (
  request: CmpOrderRequest,
  changed: ModelSubscription | undefined,
  billing: CmpPeriod | undefined,
  term: CmpPeriod | undefined,
): ModelTerms =>
  changed?.terms ?? {
    term: term ?? request.subscriptionPeriod ?? annual.term,
    billing: billing ?? annual.billing,
  };

/** CMP says no, with these words. */
export class ModelRefusal extends Error {
  override readonly name = 'ModelRefusal';
}

/** How one order is to go; decided by faults. */
export interface Course {
  /** From its making to its completion, ms. Infinity: nobody ever confirms it in the portal. */
  takes: number;
  fate: ModelOrder['fate'];
}

/**
 * A small model of what CMP does with orders, written from what is known of CMP and from nothing of ours: purchases open
 * subscriptions, one change at a time, seats given back within 168 hours, changes kept for the renewal, renewals that copy
 * the last number. Time is passed in; what is due happens at the next look.
 */
export class ModelCmp {
  readonly orders: ModelOrder[] = [];
  readonly subscriptions = new Map<string, ModelSubscription>();
  private readonly agenda: { at: number; act: () => void }[] = [];
  private ids = 1000;

  private instant: number | null = null;

  /** When anything last changed. */
  changedAt = 0;

  constructor(
    private readonly time: () => number,
    private readonly ways: UnknownBehaviour,
  ) {}

  /** The present, or while something due is done, when it was due. */
  private now(): number {
    return this.instant ?? this.time();
  }

  /** A subscription bought at `at`. */
  open(
    of: {
      customerId: string;
      mpn: string;
      quantity: number;
      status: ModelSubscription['status'];
      addOn?: ModelSubscription['addOn'];
      terms?: ModelTerms | undefined;
    },
    at = this.now(),
  ): ModelSubscription {
    const id = String((this.ids += 1));
    const terms = of.terms ?? annual;
    const termDays = (daysOf[terms.term.type] ?? 365) * terms.term.duration;
    const term = { openedAt: at, termBegan: at, renewsAt: at + termDays * day, termDays };
    const lots = [{ seats: of.quantity, at }];
    const made: ModelSubscription = { id, ...of, terms, ...term, lots, autoRenew: true, changes: 1 };
    this.subscriptions.set(id, made);
    this.watchTerm(made);
    return made;
  }

  /** Takes an order or refuses it. */
  place(request: CmpOrderRequest, course: Course): ModelOrder {
    this.settle();
    const about = request.subscriptionId ?? request.products?.[0]?.subscriptionId;
    const scheduled = request.scheduledOn !== undefined;
    const subscription = about === undefined ? undefined : this.changeable(request, about);
    // Microsoft drops scheduled changes when something is changed at once.
    if (subscription && !scheduled) this.dropScheduled(subscription.id);
    const order: ModelOrder = {
      id: String((this.ids += 1)),
      posted: request,
      type: request.type,
      customerId: request.customerId,
      subscriptionId: about,
      poNumber: request.poNumber,
      attributes: { ...request.attributes },
      lines: (request.products ?? []).map(({ mpn, quantity, billingPeriod, subscriptionPeriod }) => ({
        mpn,
        terms: termsOf(request, subscription, billingPeriod, subscriptionPeriod),
        target: quantity,
        quantity: subscription && !scheduled ? quantity - (seatsIn(subscription, mpn) ?? 0) : quantity,
      })),
      scheduled,
      createdAt: this.now(),
      status: 'submitted',
      // There is nothing else that a cancellation could do.
      fate: course.fate === 'other-effect' && request.type === 'cancellation' ? 'no-effect' : course.fate,
    };
    if (subscription) subscription.poNumber = order.poNumber;
    this.begin(order, course.takes);
    return order;
  }

  /** CMP renews by itself, or somebody orders in the portal. */
  placeElsewhere(
    order: Partial<ModelOrder> & Pick<ModelOrder, 'type' | 'customerId'>,
    takes: number,
  ): ModelOrder {
    this.settle();
    const made: ModelOrder = {
      id: String((this.ids += 1)),
      posted: null,
      attributes: {},
      lines: [],
      scheduled: false,
      createdAt: this.now(),
      status: 'submitted',
      fate: 'effect',
      ...order,
    };
    this.begin(made, takes);
    return made;
  }

  setAutoRenew(subscription: ModelSubscription, on: boolean): void {
    if (subscription.autoRenew === on) return;
    subscription.autoRenew = on;
    subscription.changes += 1;
    this.changedAt = this.now();
  }

  /** Somebody gives it to another customer; its orders stay behind. */
  transfer(subscription: ModelSubscription, customerId: string): void {
    this.settle();
    subscription.customerId = customerId;
    subscription.changes += 1;
    this.changedAt = this.now();
  }

  /** Somebody removes it so that nothing is left of it: there is no order about its end. */
  wipe(subscription: ModelSubscription): void {
    this.settle();
    subscription.wiped = true;
    this.changedAt = this.now();
    this.terminate(subscription);
  }

  withdraw(order: ModelOrder): void {
    const waits = order.scheduled && order.status === 'processing';
    if (order.status !== 'submitted' && !waits) throw new ModelRefusal(`Cannot cancel Order #${order.id}.`);
    order.status = 'cancelled';
    this.changedAt = this.now();
  }

  /** Lets everything happen that is due. */
  settle(): void {
    if (this.instant !== null) return;
    while (this.agenda[0] && this.agenda[0].at <= this.time()) {
      const due = this.agenda.shift()!;
      this.instant = due.at;
      due.act();
      this.instant = null;
    }
  }

  /** Does something at its time, among everything else that is due. */
  at(when: number, act: () => void): void {
    const index = this.agenda.findIndex(({ at }) => at > when);
    this.agenda.splice(index < 0 ? this.agenda.length : index, 0, { at: when, act });
  }

  private changeable(request: CmpOrderRequest, id: string): ModelSubscription {
    const subscription = this.subscriptions.get(id);
    if (subscription?.customerId !== request.customerId)
      throw new ModelRefusal(
        `No entity has been found: Subscription #${id} of Account #${request.customerId}.`,
      );
    if (subscription.status !== 'active')
      throw new ModelRefusal(
        `Cannot Upgrade/Downgrade Resources for Subscription #${id}: ${subscription.status}.`,
      );
    const open = this.orders.find(
      ({ subscriptionId, type, status, scheduled: waiting }) =>
        subscriptionId === id &&
        type === request.type &&
        (status === 'submitted' ||
          (status === 'processing' && (!waiting || request.scheduledOn !== undefined))),
    );
    if (open)
      throw new ModelRefusal(
        `Cannot Upgrade/Downgrade Resources for Subscription #${id}: there is already an Upgrade/Downgrade Order #${open.id} in status Provisioning is in progress(LO). This order prohibits placing an order of the same order type (per subscription).`,
      );
    const [line] = request.products ?? [];
    const seats = line && seatsIn(subscription, line.mpn);
    if (line && seats === undefined)
      throw new ModelRefusal(
        `Cannot Upgrade/Downgrade Resources for Subscription #${id}: it has no product ${line.mpn}.`,
      );
    if (request.scheduledOn !== undefined) return subscription;
    const now = this.now();
    if (request.type === 'cancellation' && !cancellable(subscription, now))
      throw new ModelRefusal(this.ways.tooLate);
    if (request.type !== 'change') return subscription;
    const fewer = (seats ?? 0) - (line?.quantity ?? 0);
    if (fewer === 0)
      throw new ModelRefusal(`Cannot Upgrade/Downgrade Resources for Subscription #${id}: nothing changes.`);
    if (line?.mpn === subscription.mpn && fewer > returnable(subscription, now))
      throw new ModelRefusal(this.ways.tooLate);
    return subscription;
  }

  private begin(order: ModelOrder, takes: number): void {
    this.orders.unshift(order);
    this.changedAt = this.now();
    if (takes === Infinity) return;
    const now = this.now();
    this.at(now + takes * 0.3, () => this.start(order));
    if (!order.scheduled) this.at(now + takes, () => this.finish(order, now + takes));
  }

  private start(order: ModelOrder): void {
    if (order.status !== 'submitted') return;
    order.status = 'processing';
    this.changedAt = this.now();
    if (order.type !== 'sales' || !hasEffect(order)) return;
    const line = order.lines[0]!;
    const { customerId } = order;
    const { mpn, terms } = line;
    const opened = this.open({ customerId, mpn, terms, quantity: seatsAfter(order), status: 'pending' });
    opened.poNumber = order.poNumber;
    order.subscriptionId = opened.id;
  }

  private finish(order: ModelOrder, at: number): void {
    if (order.status !== 'processing') return;
    order.status = order.fate === 'error' ? 'error' : 'completed';
    order.completedAt = at;
    this.changedAt = at;
    const subscription = this.subscriptions.get(order.subscriptionId ?? '');
    // A change kept for the renewal may find the seats as it wants them: then doing nothing is doing it.
    const [line] = order.lines;
    if (order.fate === 'no-effect' && line && subscription && seatsIn(subscription, line.mpn) === line.target)
      order.fate = 'effect';
    if (!hasEffect(order) || !subscription) return;
    subscription.changes += 1;
    if (order.type === 'sales') subscription.status = 'active';
    if (order.type === 'cancellation') this.terminate(subscription);
    if (order.type !== 'change') return;
    const { addOn } = subscription;
    if (addOn && line?.mpn === addOn.mpn) addOn.quantity = seatsAfter(order);
    else setSeats(subscription, seatsAfter(order), at, this.ways.goesFirst);
  }

  private terminate(subscription: ModelSubscription): void {
    subscription.status = 'terminated';
    this.dropScheduled(subscription.id);
  }

  private dropScheduled(id: string): void {
    for (const order of this.orders)
      if (order.subscriptionId === id && order.scheduled && isOpen(order)) order.status = 'cancelled';
  }

  private watchTerm(subscription: ModelSubscription): void {
    const { renewsAt } = subscription;
    this.at(renewsAt, () => {
      if (subscription.status === 'active' && subscription.renewsAt === renewsAt) this.endTerm(subscription);
    });
  }

  /** The next term begins, with the change that waited for it; or the subscription ends, without any order. */
  private endTerm(subscription: ModelSubscription): void {
    const { id, customerId, poNumber, renewsAt } = subscription;
    this.changedAt = renewsAt;
    subscription.changes += 1;
    if (!subscription.autoRenew) return this.terminate(subscription);
    const renewal = { type: 'renewal' as const, customerId, subscriptionId: id, poNumber };
    this.placeElsewhere(renewal, 1_000);
    const change = this.orders.find((one) => one.subscriptionId === id && one.scheduled && isOpen(one));
    if (change?.status === 'processing') this.finish(change, renewsAt);
    beginTerm(subscription, renewsAt);
    this.watchTerm(subscription);
  }
}
