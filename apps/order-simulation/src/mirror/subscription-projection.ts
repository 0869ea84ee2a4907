import {
  contractOf,
  nameOf,
  ProviderOrderSettledV1,
  type ProviderSubscriptionChangedV1,
  ProviderSubscriptionEndedV1,
} from '@isthmus/contracts';
import type { Message } from '@isthmus/messaging';
import { type KnownOrder, knownTogether } from '@isthmus/subscription-lifecycle/subscriptions/rules/terms.ts';
import { endStatus, toObservation } from '@isthmus/subscription-lifecycle/subscriptions/rules/observe.ts';
import type { SubscriptionState } from '@isthmus/subscription-lifecycle/subscriptions/subscription.ts';
import type { Handler, Stage } from '../world/event-bus.ts';
import type { EventRules } from '../world/event-rules.ts';
import type { MemoryStore } from '../world/memory-store.ts';

/** The service's subscriptions in memory, updated by events of the mirror with the rules of the ones in PostgreSQL. */
export class SubscriptionProjection {
  /** By CMP's id. */
  readonly states = new Map<string, SubscriptionState>();
  /** Whom each belongs to, by CMP's ids. */
  readonly owners = new Map<string, string>();
  /** Orders that were stopped because their subscription moved. */
  readonly stopped = new Set<string>();
  private readonly orders = new Map<string, ReportedOrder>();
  /** Versions in the order in which they were taken in. */
  readonly applied: { id: string; version: number }[] = [];

  constructor(
    private readonly store: MemoryStore,
    private readonly rules: EventRules,
  ) {
    store.lotsOf = (id) => this.states.get(id)?.lots ?? null;
    store.explain = (id) => this.explain(id);
  }

  readonly handler: Handler = (message, data, stage) => {
    if (message.type === nameOf(contractOf(ProviderOrderSettledV1)))
      return this.takeOrder(data as ProviderOrderSettledV1, message, stage);
    const { cmpSubscriptionId: id, cmpAccountId: listed } = data as ProviderSubscriptionChangedV1;
    const state = this.after(message, data, this.states.get(id) ?? null);
    if (!state) return;
    this.keep(id, state, stage);
    stage(() => this.follow(id, listed));
  };

  private after(message: Message, data: object, before: SubscriptionState | null): SubscriptionState | null {
    const { aggregateVersion: providerVersion } = message;
    if (message.type === nameOf(contractOf(ProviderSubscriptionEndedV1))) {
      const event = data as ProviderSubscriptionEndedV1;
      const { asOf, cmpSubscriptionId } = event;
      return this.rules.observeEnd(cmpSubscriptionId, before, {
        status: endStatus(event),
        providerVersion,
        asOf: Date.parse(asOf),
      });
    }
    const event = data as ProviderSubscriptionChangedV1;
    const observation = toObservation(event, providerVersion);
    return this.rules.observe(before, observation, this.known(event.cmpSubscriptionId))?.state ?? null;
  }

  /** CMP's orders as the mirror reported them, and ours as proved; what explains nothing of terms and seats is left out. */
  known(id: string): KnownOrder[] {
    const ours = [...this.store.rows.values()].map(({ order }) => order);
    const unproved = new Set(
      ours.flatMap((order) => (order.status === 'settled' ? [] : (order.cmpOrderId ?? []))),
    );
    const reported = [...this.orders.values()].flatMap(({ about, order }) =>
      about === id && order && !unproved.has(order.id) ? [order] : [],
    );
    const own = ours.flatMap(
      (order) => (order.cmpSubscriptionId === id && this.rules.knownFromOwnOrder(order)) || [],
    );
    return knownTogether(reported, own);
  }

  private takeOrder(
    event: ProviderOrderSettledV1,
    { aggregateVersion: version }: Message,
    stage: Stage,
  ): void {
    const { cmpOrderId, cmpSubscriptionId: about, lines } = event;
    this.store.hurry(cmpOrderId, stage);
    const before = this.orders.get(cmpOrderId);
    if (version <= (before?.version ?? 0)) return;
    stage(() => {
      const order = lines && explanationOf(event);
      // When it was seen to be done first is what counts.
      if (order && before?.order) order.doneAt = before.order.doneAt;
      this.orders.set(cmpOrderId, { version, about, order });
      if (about !== undefined) this.explain(about);
    });
  }

  private explain(id: string): void {
    const state = this.states.get(id);
    const explained = state && this.rules.explain(state, this.known(id));
    if (explained) this.states.set(id, explained.state);
  }

  private follow(id: string, listed: string): void {
    const from = this.owners.get(id);
    const to = this.rules.ownerAfter(from, listed);
    this.owners.set(id, to);
    if (from === undefined || from === to) return;
    const stop = this.rules.stopForTransfer;
    for (const order of this.store.stop(id, (one, now) => stop(one, { from, to }, now)))
      this.stopped.add(order);
  }

  private keep(id: string, state: SubscriptionState, stage: Stage): void {
    stage(() => {
      this.states.set(id, state);
      this.applied.push({ id, version: state.providerVersion });
    });
  }
}

/** An order of CMP as the mirror reports it. */
interface ReportedOrder {
  version: number;
  /** CMP's id of the subscription. */
  about: string | undefined;
  order: KnownOrder | undefined;
}

const explaining = new Set(['sales', 'change', 'renewal']);

function explanationOf(event: ProviderOrderSettledV1): KnownOrder | undefined {
  const { cmpOrderId: id, orderNumber: number, type, status, createdAt = '', asOf, scheduledOn } = event;
  if (status !== 'completed' || !explaining.has(type)) return undefined;
  const lines = scheduledOn ? [] : (event.lines ?? []).map(({ mpn, quantity }) => ({ mpn, seats: quantity }));
  const times = { createdAt: Date.parse(createdAt), doneAt: Date.parse(asOf) };
  return { id, number, type: type as KnownOrder['type'], ...times, lines };
}
