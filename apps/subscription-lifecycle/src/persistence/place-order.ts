import { randomUUID } from 'node:crypto';
import { activeTraceparent } from '@isthmus/messaging';
import { Answer, idempotentStatement, type IdempotentRequest } from '@isthmus/service-kit';
import type { Pool } from 'pg';
import { newOrder } from '../domain/order/new-order.ts';
import { queueOf, type OrderAsk } from '../domain/order/order-ask.ts';
import type { Consent, OrderRecord } from '../domain/order/order-record.ts';

/** A command to order, after everything that can be refused without CMP has been. */
export interface OrderCommand {
  tenantId: string;
  connectorId: string;
  subscriptionId: string | null;
  ask: OrderAsk;
  consent: Consent;
  askedBy: string;
  correlationId: string;
}

/**
 * Accepts a command: one statement stores the key, the answer, the order and its history. The lock makes positions of a
 * queue follow the order of commits, so that no order ever appears ahead of one that is already being carried out.
 */
export async function placeOrder(
  pool: Pool,
  request: IdempotentRequest,
  command: OrderCommand,
  show: (record: OrderRecord) => object,
): Promise<Answer> {
  const record = newOrder(randomUUID(), command.ask, command.consent, Date.now());
  const queue = queueOf(command.ask);
  const answer = Answer.accepted(`/v1/orders/${record.id}`, show(record));
  return idempotentStatement(pool, request, answer, (p) => {
    const id = p(record.id);
    const tenant = p(command.tenantId);
    return `
    alone as (select pg_advisory_xact_lock(hashtextextended(${p(`${command.connectorId} ${queue}`)}, 0)) from fresh),
    placed as (
      insert into orders (id, tenant_id, connector_id, queue, kind, status, record, next_step_at, subscription_id, asked_by, correlation_id,
        traceparent)
      select ${id}::uuid, ${tenant}::uuid, ${p(command.connectorId)}::uuid, ${p(queue)}, ${p(command.ask.kind)}, 'planned',
        ${p(JSON.stringify(record))}::json, now(), ${p(command.subscriptionId)}::uuid, ${p(command.askedBy)}, ${p(command.correlationId)},
        ${p(activeTraceparent() ?? null)}
      from alone returning id, tenant_id),
    noted as (
      insert into order_history (tenant_id, order_id, status, by) select tenant_id, id, 'planned', ${p(command.askedBy)} from placed)`;
  });
}
