import { Period } from '@isthmus/domain';
import {
  ApiResponse,
  type IdempotentRequest,
  invalidInput,
  type Principal,
  requireVersion,
  TenantRows,
  TenantStore,
} from '@isthmus/service-kit';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import type { OrderRefused } from '../orders/order.errors.ts';
import { PostgresOrderStore } from '../orders/order.store.ts';
import type { Orderer } from '../orders/orders.service.ts';
import { requestWithdrawal } from '../orders/protocol/order-policy.ts';
import { ChangeRulesSource } from '../orders/resolving/order-resolver.service.ts';
import type { SubscriptionRow } from '../subscriptions/subscription.entity.ts';
import { lockSubscription, readAgreed } from '../subscriptions/subscription.store.ts';
import { findLine } from '../subscriptions/subscription.ts';
import {
  type PlannedChange,
  plannedChange,
  previewRefusal,
  refuseSecond,
  requireAction,
  requireOrderable,
  requireTime,
  type ScheduledFor,
  type ScheduledKind,
} from './scheduled-change.ts';
import type { ScheduledChangeRow } from './scheduled-change.entity.ts';
import {
  addScheduledChange,
  auditScheduledChange,
  lockScheduledChange,
  moveScheduledChange,
  readScheduledChange,
  scheduledChangesLost,
} from './scheduled-change.store.ts';

/** A command to change a subscription later. */
interface ScheduleCommand {
  subscriptionId: string;
  kind: ScheduledKind;
  seats?: number | undefined;
  autoRenew?: boolean | undefined;
  mpn?: string | undefined;
  at: ScheduledFor;
  dropScheduledChanges?: boolean | undefined;
}

/** A scheduled change with what would refuse it at its time, as things stand. */
export interface PreviewedChange {
  row: ScheduledChangeRow;
  refusal: OrderRefused | null;
}

/** Commands on scheduled changes. Invalid input changes nothing. */
@Injectable()
export class ScheduledChangeService {
  constructor(
    private readonly store: TenantStore,
    private readonly orders: PostgresOrderStore,
    private readonly rules: ChangeRulesSource,
  ) {}

  /**
   * Plans a change, once per key of the request.
   * @param render the response for a new one; a repetition gets the stored one, unchanged
   * @throws SubscriptionNotFound, NotSchedulable, OrderRefused
   */
  plan(
    request: IdempotentRequest,
    command: ScheduleCommand,
    { subject: requestedBy, correlationId }: Orderer,
    render: (planned: PreviewedChange) => ApiResponse,
  ): Promise<ApiResponse> {
    const { tenantId } = request;
    return this.store.changeOnce(request, async (em) => {
      const { kind, seats = null, autoRenew = null, mpn = null, dropScheduledChanges = false, at } = command;
      const change = { kind, seats, autoRenew, mpn, at };
      const subscription = await this.#require(em, tenantId, command.subscriptionId, change);
      const row = await addScheduledChange(em, {
        ...{ tenantId, connectorId: subscription.connectorId, subscriptionId: subscription.id },
        ...{ kind, seats, autoRenew, dropScheduledChanges, requestedBy, correlationId },
        ...plannedTerms(change, subscription),
        dueAt: at === 'renewal' ? null : new Date(at),
        status: 'planned',
        reason: null,
        insteadOfOrderId: null,
      });
      await auditScheduledChange(em, 'plan', null, row!);
      return render({
        row: row!,
        refusal: previewRefusal(change, subscription, Date.now(), this.rules.settings),
      });
    });
  }

  /**
   * Changes the seats or the time of a change that has not been ordered yet. The user who changed it last becomes its requester,
   * and therefore cannot approve its order.
   * @throws ScheduledChangeNotFound, IllegalScheduleAction, NotSchedulable, OrderRefused; Problem 412 for another version,
   * 400 for seats of a change that has none
   */
  edit(
    { tenantId, subject: requestedBy }: Principal,
    id: string,
    version: number,
    { seats, at }: Pick<Partial<ScheduleCommand>, 'seats' | 'at'>,
  ): Promise<ScheduledChangeRow> {
    return this.store.change(tenantId, async (em) => {
      const row = await this.#lock(em, tenantId, id);
      requireAction(row, 'edit');
      requireVersion(version, row.version);
      const change = plannedChange(row);
      if (seats !== undefined && row.kind !== 'change-quantity')
        throw invalidInput([{ field: 'seats', message: `does not apply to a ${row.kind}` }]);
      change.seats = seats ?? change.seats;
      if (at !== undefined) change.at = at;
      await this.#require(em, tenantId, row.subscriptionId, change, id);
      const dueAt = change.at === 'renewal' ? null : new Date(change.at);
      const next = await moveScheduledChange(em, row, 'edit', {
        ...{ seats: change.seats, dueAt, reason: row.reason, requestedBy },
      });
      await auditScheduledChange(em, 'update', row, next);
      return next;
    });
  }

  /**
   * Schedules a proposed change; the user who confirms it becomes its requester.
   * @throws ScheduledChangeNotFound, IllegalScheduleAction, NotSchedulable, OrderRefused
   */
  confirm({ tenantId, subject: requestedBy }: Principal, id: string): Promise<ScheduledChangeRow> {
    return this.store.change(tenantId, async (em) => {
      const row = await this.#lock(em, tenantId, id);
      requireAction(row, 'confirm');
      await this.#require(em, tenantId, row.subscriptionId, plannedChange(row));
      const next = await moveScheduledChange(em, row, 'confirm', { requestedBy });
      await auditScheduledChange(em, 'confirm', row, next);
      return next;
    });
  }

  /**
   * Takes it back. One that is ordered already is withdrawn as far as CMP lets it: then it stays `ordered` until that is
   * known. The order's row is locked before the change's, as its own steps do.
   * @throws ScheduledChangeNotFound, IllegalScheduleAction
   */
  async cancel(user: Principal, id: string): Promise<ScheduledChangeRow> {
    const { tenantId } = user;
    const found = await this.#row(tenantId, id);
    if (found.status !== 'ordered')
      return this.store
        .change(tenantId, async (em) => {
          const row = await lockScheduledChange(em, tenantId, id);
          if (row.status === 'ordered') return row;
          const next = await moveScheduledChange(em, row, 'cancel');
          await auditScheduledChange(em, 'cancel', row, next);
          return next;
        })
        .then((row) => (row.status === 'ordered' ? this.cancel(user, id) : row));
    await this.orders.change(user, found.orderId!, requestWithdrawal, { decision: 'withdraw' });
    return this.#row(tenantId, id);
  }

  #row(tenantId: string, id: string): Promise<ScheduledChangeRow> {
    return this.store.read(tenantId, (em) => readScheduledChange(em, tenantId, id));
  }

  /** @throws ScheduledChangeNotFound */
  async read(tenantId: string, id: string): Promise<PreviewedChange> {
    const row = await this.#row(tenantId, id);
    if (row.status !== 'planned' && row.status !== 'proposed') return { row, refusal: null };
    const subscription = await this.store.read(tenantId, (em) =>
      readAgreed(em, tenantId, row.subscriptionId),
    );
    return {
      row,
      refusal: previewRefusal(plannedChange(row), subscription, Date.now(), this.rules.settings),
    };
  }

  /**
   * Locks a scheduled change after its subscription, in the same order as the handler of transfers.
   * @throws ScheduledChangeNotFound
   */
  async #lock(em: EntityManager, tenantId: string, id: string): Promise<ScheduledChangeRow> {
    const { subscriptionId } = await readScheduledChange(em, tenantId, id);
    await lockSubscription(em, tenantId, subscriptionId);
    return lockScheduledChange(em, tenantId, id);
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
    await lockSubscription(em, tenantId, subscriptionId);
    const subscription = await readAgreed(em, tenantId, subscriptionId);
    const now = Date.now();
    requireTime(change, now);
    const line =
      change.kind === 'change-quantity' ? findLine(subscription.state, change.mpn ?? undefined) : undefined;
    requireOrderable(change, subscription, now, await this.rules.line(subscription, line));
    if (change.kind === 'change-quantity' && change.at === 'renewal') {
      const kept = await scheduledChangesLost(TenantRows.within(em, tenantId), subscriptionId);
      refuseSecond(kept.filter(({ scheduledChangeId }) => scheduledChangeId !== itself));
    }
    return subscription;
  }
}

/** The line, term and billing period that a change of seats is about: what the subscription becomes until then is not meant. */
function plannedTerms({ kind, mpn }: PlannedChange, { state }: SubscriptionRow) {
  if (kind !== 'change-quantity') return { mpn, term: null, billingPeriod: null };
  return {
    mpn: findLine(state, mpn ?? undefined)?.mpn ?? mpn,
    term: state.term ? Period.print(state.term) : null,
    billingPeriod: state.billingPeriod ? Period.print(state.billingPeriod) : null,
  };
}
