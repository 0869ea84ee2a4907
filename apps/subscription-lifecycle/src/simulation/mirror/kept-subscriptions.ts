import {
  ProviderOrderSettledV1,
  ProviderSubscriptionEndedV1,
  contractOf,
  type ProviderSubscriptionChangedV1,
} from '@isthmus/contracts';
import type { Message } from '@isthmus/messaging';
import type { SubscriptionState } from '../../domain/subscription/subscription-record.ts';
import { observationOf } from '../../persistence/observation.ts';
import type { EventRules } from '../events/event-rules.ts';
import type { Effect, Stage } from '../events/hearer.ts';
import type { MemoryStore } from '../memory-store.ts';

/** The service's subscriptions in memory, kept by news of the mirror with the rules of the ones in PostgreSQL. */
export class KeptSubscriptions {
  /** By CMP's id. */
  readonly states = new Map<string, SubscriptionState>();
  /** Whom each belongs to, by CMP's ids. */
  readonly owners = new Map<string, string>();
  /** Orders that were stopped because their subscription moved. */
  readonly stopped = new Set<string>();
  /** Versions in the order in which they were taken in. */
  readonly applied: { id: string; version: number }[] = [];

  constructor(
    private readonly store: MemoryStore,
    private readonly rules: EventRules,
  ) {
    store.lotsOf = (id) => this.states.get(id)?.lots ?? null;
  }

  readonly effect: Effect = (message, data, stage) => {
    if (message.type === contractOf(ProviderOrderSettledV1).subject)
      return this.store.hurry((data as ProviderOrderSettledV1).cmpOrderId, stage);
    const { cmpSubscriptionId: id, cmpAccountId: listed } = data as ProviderSubscriptionChangedV1;
    const state = this.after(message, data, this.states.get(id) ?? null);
    if (!state) return;
    this.keep(id, state, stage);
    stage(() => this.follow(id, listed));
  };

  private after(message: Message, data: object, before: SubscriptionState | null): SubscriptionState | null {
    const { aggregateVersion: providerVersion } = message;
    if (message.type === contractOf(ProviderSubscriptionEndedV1).subject) {
      const { status, asOf, cmpSubscriptionId } = data as ProviderSubscriptionEndedV1;
      return this.rules.observeEnd(cmpSubscriptionId, before, {
        status,
        providerVersion,
        asOf: Date.parse(asOf),
      });
    }
    const news = data as ProviderSubscriptionChangedV1;
    const observation = observationOf(news, providerVersion);
    return this.rules.observe(before, observation, this.changedAt(news, before))?.state ?? null;
  }

  private changedAt(
    { cmpSubscriptionId, lines, asOf }: ProviderSubscriptionChangedV1,
    before: SubscriptionState | null,
  ): number | undefined {
    const last = [...this.store.rows.values()].findLast(
      ({ order: { ask, status } }) =>
        ask.kind === 'change-quantity' && ask.cmpSubscriptionId === cmpSubscriptionId && status === 'settled',
    );
    if (!last) return undefined;
    const seats = { before: before?.lines?.[0]?.seats, after: lines[0]?.quantity };
    return this.rules.changedByOrder(last.order, { ...seats, asOf: Date.parse(asOf) })?.changedAt;
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
