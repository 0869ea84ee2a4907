import { randomUUID } from 'node:crypto';
import { activeTraceparent, type Statements } from '@isthmus/messaging';
import { Answer, idempotentStatement, type IdempotentRequest, type Parameter } from '@isthmus/service-kit';
import type { Pool } from 'pg';
import { newOrder } from '../domain/order/new-order.ts';
import { queueOf, type OrderAsk } from '../domain/order/order-ask.ts';
import type { Consent, OrderRecord } from '../domain/order/order-record.ts';
import type { OrderReason } from '../domain/order/order-reason.ts';
import type { OrderTerms } from '../domain/order/order-terms.ts';
import { QuoteUsed } from '../domain/quote/quote.errors.ts';

/** A command to order, after everything that can be refused without CMP has been. */
export interface OrderCommand {
  tenantId: string;
  connectorId: string;
  subscriptionId: string | null;
  ask: OrderAsk;
  consent: Consent;
  terms?: OrderTerms;
  warnings?: readonly OrderReason[];
  askedBy: string;
  correlationId: string;
  /** The quote that was agreed to; none has two orders. */
  quoteId?: string | undefined;
  /** The scheduled change that the order carries out; none has two. */
  scheduledChangeId?: string;
}

/**
 * Accepts a command: one statement stores the key, the answer, the order and its history. The lock makes positions of a
 * queue follow the order of commits, so that no order ever appears ahead of one that is already being carried out.
 * @throws QuoteUsed
 */
export async function placeOrder(
  pool: Pool,
  request: IdempotentRequest,
  command: OrderCommand,
  show: (record: OrderRecord) => object,
): Promise<Answer> {
  const record = newOrder(randomUUID(), command.ask, command.consent, Date.now(), moreOf(command));
  const answer = Answer.accepted(`/v1/orders/${record.id}`, show(record));
  try {
    return await idempotentStatement(pool, request, answer, (p) => effectOf(command, record, p));
  } catch (error) {
    throw command.quoteId && usedBefore(error) ? new QuoteUsed(command.quoteId) : error;
  }
}

/**
 * The same within the caller's transaction, for a command that is once by itself.
 * @returns the id of the order
 */
export async function placeOrderWithin(client: Statements, command: OrderCommand): Promise<string> {
  const record = newOrder(randomUUID(), command.ask, command.consent, Date.now(), moreOf(command));
  const values: unknown[] = [];
  const effect = effectOf(command, record, (value) => `$${values.push(value)}`);
  await client.query(`with fresh as (select 1), ${effect} select 1`, values);
  return record.id;
}

const moreOf = ({ terms, warnings }: OrderCommand) => ({
  ...(terms ? { terms } : {}),
  ...(warnings ? { warnings } : {}),
});

const usedBefore = (error: unknown): boolean =>
  (error as { constraint?: string }).constraint === 'orders_of_quote';

function effectOf(command: OrderCommand, record: OrderRecord, p: Parameter): string {
  const queue = queueOf(command.ask);
  const id = p(record.id);
  const tenant = p(command.tenantId);
  return `
    alone as (select pg_advisory_xact_lock(hashtextextended(${p(`${command.connectorId} ${queue}`)}, 0)) from fresh),
    placed as (
      insert into orders (id, tenant_id, connector_id, queue, kind, status, record, next_step_at, subscription_id, asked_by, correlation_id,
        traceparent, scheduled_change_id, quote_id)
      select ${id}::uuid, ${tenant}::uuid, ${p(command.connectorId)}::uuid, ${p(queue)}, ${p(command.ask.kind)}, 'planned',
        ${p(JSON.stringify(record))}::json, now(), ${p(command.subscriptionId)}::uuid, ${p(command.askedBy)}, ${p(command.correlationId)},
        ${p(activeTraceparent() ?? null)}, ${p(command.scheduledChangeId ?? null)}::uuid,
        ${p(command.quoteId ?? null)}::uuid
      from alone returning id, tenant_id),
    noted as (
      insert into order_history (tenant_id, order_id, status, by) select tenant_id, id, 'planned', ${p(command.askedBy)} from placed)`;
}
