import type { CmpOrderRequest } from '@isthmus/cmp-client';
import type { ModelOrder, ModelSubscription } from './model-order.ts';

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
 * subscriptions, one change at a time, renewals that copy the last number. Time is passed in; what is due happens when
 * somebody looks.
 */
export class ModelCmp {
  readonly orders: ModelOrder[] = [];
  readonly subscriptions = new Map<string, ModelSubscription>();
  private readonly agenda: { at: number; act: () => void }[] = [];
  private ids = 1000;

  private instant: number | null = null;

  constructor(private readonly time: () => number) {}

  /** The present, or while something due is done, when it was due. */
  private now(): number {
    return this.instant ?? this.time();
  }

  open(
    customerId: string,
    mpn: string,
    quantity: number,
    status: ModelSubscription['status'],
  ): ModelSubscription {
    const id = String((this.ids += 1));
    const made = { id, customerId, status, mpn, quantity, autoRenew: true, changes: 1 };
    this.subscriptions.set(id, made);
    return made;
  }

  /** Takes an order or refuses it. */
  place(request: CmpOrderRequest, course: Course): ModelOrder {
    this.settle();
    const about = request.subscriptionId ?? request.products?.[0]?.subscriptionId;
    const subscription = about === undefined ? undefined : this.changeable(request, about);
    const order: ModelOrder = {
      id: String((this.ids += 1)),
      posted: request,
      type: request.type,
      customerId: request.customerId,
      subscriptionId: about,
      poNumber: request.poNumber,
      attributes: { ...request.attributes },
      lines: (request.products ?? []).map(({ mpn, quantity }) => ({
        mpn,
        target: quantity,
        quantity: subscription ? quantity - subscription.quantity : quantity,
      })),
      scheduled: request.scheduledOn !== undefined,
      createdAt: this.now(),
      status: 'submitted',
      fate: course.fate,
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

  withdraw(order: ModelOrder): void {
    if (order.status !== 'submitted') throw new ModelRefusal(`Cannot cancel Order #${order.id}.`);
    order.status = 'cancelled';
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
    if (!subscription) throw new ModelRefusal(`No entity has been found: Subscription #${id}.`);
    if (subscription.status !== 'active')
      throw new ModelRefusal(
        `Cannot Upgrade/Downgrade Resources for Subscription #${id}: ${subscription.status}.`,
      );
    const open = this.orders.find(
      ({ subscriptionId, type, status }) =>
        subscriptionId === id && type === request.type && (status === 'submitted' || status === 'processing'),
    );
    if (open)
      throw new ModelRefusal(
        `Cannot Upgrade/Downgrade Resources for Subscription #${id}: there is already an Upgrade/Downgrade Order #${open.id} in status Provisioning is in progress(LO). This order prohibits placing an order of the same order type (per subscription).`,
      );
    if (request.type === 'change' && request.products?.[0]?.quantity === subscription.quantity)
      throw new ModelRefusal(`Cannot Upgrade/Downgrade Resources for Subscription #${id}: nothing changes.`);
    return subscription;
  }

  private begin(order: ModelOrder, takes: number): void {
    this.orders.unshift(order);
    if (takes === Infinity) return;
    const now = this.now();
    this.at(now + takes * 0.3, () => this.start(order));
    this.at(now + takes, () => this.finish(order, now + takes));
  }

  private start(order: ModelOrder): void {
    if (order.status !== 'submitted') return;
    order.status = 'processing';
    if (order.type !== 'sales' || order.fate !== 'effect') return;
    const line = order.lines[0]!;
    const opened = this.open(order.customerId, line.mpn, line.target, 'pending');
    opened.poNumber = order.poNumber;
    order.subscriptionId = opened.id;
  }

  private finish(order: ModelOrder, at: number): void {
    if (order.status !== 'processing') return;
    order.status = order.fate === 'error' ? 'error' : 'completed';
    order.completedAt = at;
    if (order.fate !== 'effect' || order.subscriptionId === undefined) return;
    const subscription = this.subscriptions.get(order.subscriptionId)!;
    subscription.changes += 1;
    if (order.type === 'sales') subscription.status = 'active';
    if (order.type === 'cancellation') subscription.status = 'terminated';
    if (order.type === 'change') subscription.quantity = order.lines[0]!.target;
  }
}
