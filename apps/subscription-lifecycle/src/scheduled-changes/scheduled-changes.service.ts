import { Injectable } from '@nestjs/common';
import { Period } from '@isthmus/domain';
import type { EntityManager } from '@mikro-orm/postgresql';
import {
  Answer,
  clientOf,
  etag,
  invalidInput,
  requireVersion,
  TenantRows,
  TenantStore,
  type IdempotentRequest,
  type Principal,
} from '@isthmus/service-kit';
import { askWithdrawal } from '../orders/protocol/order-policy.ts';
import {
  type PlannedChange,
  plannedChange,
  refuseSecond,
  requireAction,
  requireTime,
  type ScheduledChangeRow,
} from './scheduled-change.ts';
import { lineOf } from '../subscriptions/subscription.ts';
import {
  type EditScheduledChange,
  type ScheduleChange,
  type ScheduledChangeView,
  scheduledFor,
  showForeseen,
} from './scheduled-changes.dto.ts';
import { readAgreed, type SubscriptionRow } from '../subscriptions/subscription.store.ts';
import { lockSubscription } from '../subscriptions/subscription-changes.store.ts';
import { Orders } from '../orders/order.store.ts';
import {
  addScheduledChange,
  lockScheduledChange,
  moveScheduledChange,
  readScheduledChange,
  scheduledChangesLost,
} from './scheduled-change.store.ts';
import { ChangeRulesOf } from '../orders/resolving/order-resolver.service.ts';
import { foresee, requireOrderable } from './planned-order.ts';
import type { Orderer } from '../orders/orders.service.ts';

/** What can be commanded about scheduled changes. Bad input changes nothing. */
@Injectable()
export class ScheduledChangeCommands {
  constructor(
    private readonly store: TenantStore,
    private readonly orders: Orders,
    private readonly rules: ChangeRulesOf,
  ) {}

  /**
   * Plans a change, once per key of the request; 201.
   * @throws SubscriptionNotFound, NotSchedulable, OrderRefused
   */
  plan(
    request: IdempotentRequest,
    body: ScheduleChange,
    { subject: askedBy, correlationId }: Orderer,
  ): Promise<Answer> {
    const { tenantId } = request;
    return this.store.changeOnce(request, async (em) => {
      const { kind, seats = null, autoRenew = null, mpn = null, dropScheduledChanges = false } = body;
      const change = { kind, seats, autoRenew, mpn, at: scheduledFor(body.at) };
      const subscription = await this.#require(em, tenantId, body.subscriptionId, change);
      const row = await addScheduledChange(clientOf(em), {
        ...{ tenantId, connectorId: subscription.connectorId, subscriptionId: subscription.id },
        ...{ kind, seats, autoRenew, dropScheduledChanges, askedBy, correlationId },
        ...meant(change, subscription),
        dueAt: change.at === 'renewal' ? null : change.at,
        status: 'planned',
        reason: null,
        insteadOfOrderId: null,
      });
      const view = showForeseen(row!, foresee(change, subscription, Date.now(), this.rules.settings));
      return Answer.created(`/v1/scheduled-changes/${row!.id}`, view, { etag: etag(row!.version) });
    });
  }

  /**
   * Other seats, or another time, while it is not ordered yet.
   * @throws ScheduledChangeNotFound, IllegalScheduleAction, NotSchedulable, OrderRefused; Problem 412 for another
   * version, 400 for seats of what has none
   */
  edit(
    { tenantId }: Principal,
    id: string,
    version: number,
    { seats, at }: EditScheduledChange,
  ): Promise<ScheduledChangeRow> {
    return this.store.change(tenantId, async (em) => {
      const row = await lockScheduledChange(clientOf(em), tenantId, id);
      requireAction(row, 'edit');
      requireVersion(version, row.version);
      const change = plannedChange(row);
      if (seats !== undefined && row.kind !== 'change-quantity')
        throw invalidInput([{ field: 'seats', message: `is nothing of a ${row.kind}` }]);
      change.seats = seats ?? change.seats;
      if (at !== undefined) change.at = scheduledFor(at);
      await this.#require(em, tenantId, row.subscriptionId, change, id);
      const dueAt = change.at === 'renewal' ? null : change.at;
      return moveScheduledChange(clientOf(em), row, 'edit', {
        ...{ seats: change.seats, dueAt, reason: row.reason },
      });
    });
  }

  /** Plans what was proposed. @throws ScheduledChangeNotFound, IllegalScheduleAction, NotSchedulable, OrderRefused */
  confirm({ tenantId }: Principal, id: string): Promise<ScheduledChangeRow> {
    return this.store.change(tenantId, async (em) => {
      const row = await lockScheduledChange(clientOf(em), tenantId, id);
      requireAction(row, 'confirm');
      await this.#require(em, tenantId, row.subscriptionId, plannedChange(row));
      return moveScheduledChange(clientOf(em), row, 'confirm');
    });
  }

  /**
   * Takes it back. One that is ordered already is withdrawn as far as CMP lets it: then it stays `ordered` until that is
   * known. The order's row is locked before the change's, as its own steps do.
   * @throws ScheduledChangeNotFound, IllegalScheduleAction
   */
  async cancel(user: Principal, id: string): Promise<ScheduledChangeRow> {
    const { tenantId } = user;
    const found = await readScheduledChange(this.store.rows(tenantId), id);
    if (found.status !== 'ordered')
      return this.store
        .change(tenantId, async (em) => {
          const row = await lockScheduledChange(clientOf(em), tenantId, id);
          return row.status === 'ordered' ? row : moveScheduledChange(clientOf(em), row, 'cancel');
        })
        .then((row) => (row.status === 'ordered' ? this.cancel(user, id) : row));
    await this.orders.change(user, found.orderId!, askWithdrawal);
    return readScheduledChange(this.store.rows(tenantId), id);
  }

  /** With what would refuse it at its time, as things stand. @throws ScheduledChangeNotFound */
  async read(tenantId: string, id: string): Promise<ScheduledChangeView> {
    const rows = this.store.rows(tenantId);
    const row = await readScheduledChange(rows, id);
    if (row.status !== 'planned' && row.status !== 'proposed') return showForeseen(row, null);
    const subscription = await readAgreed(rows, row.subscriptionId);
    return showForeseen(row, foresee(plannedChange(row), subscription, Date.now(), this.rules.settings));
  }

  /**
   * Refuses what cannot be planned. Commands about one subscription go one after the other, so that two for its renewal
   * see each other.
   * @returns the subscription as agreed, with what was ordered since CMP was read
   */
  async #require(
    em: EntityManager,
    tenantId: string,
    subscriptionId: string,
    change: PlannedChange,
    itself?: string,
  ): Promise<SubscriptionRow> {
    await lockSubscription(clientOf(em), tenantId, subscriptionId);
    const rows = TenantRows.within(em, tenantId);
    const subscription = await readAgreed(rows, subscriptionId);
    const now = Date.now();
    requireTime(change, now);
    const line =
      change.kind === 'change-quantity' ? lineOf(subscription.state, change.mpn ?? undefined) : undefined;
    requireOrderable(change, subscription, now, await this.rules.line(subscription, line));
    if (change.kind === 'change-quantity' && change.at === 'renewal') {
      const kept = await scheduledChangesLost(rows, subscriptionId);
      refuseSecond(kept.filter(({ scheduledChangeId }) => scheduledChangeId !== itself));
    }
    return subscription;
  }
}

/** The line, term and billing period that a change of seats is about: what the subscription becomes until then is not meant. */
function meant({ kind, mpn }: PlannedChange, { state }: SubscriptionRow) {
  if (kind !== 'change-quantity') return { mpn, term: null, billingPeriod: null };
  return {
    mpn: lineOf(state, mpn ?? undefined)?.mpn ?? mpn,
    term: state.term ? Period.print(state.term) : null,
    billingPeriod: state.billingPeriod ? Period.print(state.billingPeriod) : null,
  };
}
