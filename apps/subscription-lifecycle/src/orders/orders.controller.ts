import { setTimeout as sleep } from 'node:timers/promises';
import {
  Allow,
  ApiResponse,
  Audited,
  currentCorrelationId,
  CurrentUser,
  decodeCursor,
  Describe,
  Idempotency,
  type IdempotentRequest,
  type Page,
  toPage,
  Principal,
  Produces,
  type ServerSentEvent,
  sse,
  withEtag,
  TenantStore,
  UuidParam,
} from '@isthmus/service-kit';
import { Body, Controller, Get, HttpCode, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { reject } from './guard/approval.ts';
import { SubscriptionLifecycleEnv } from '../config.ts';
import { isAtRest } from './order-lifecycle.ts';
import { countOrders, listOrders, readOrder, readOrderHistory } from './order-queries.store.ts';
import { PostgresOrderStore } from './order.store.ts';
import type { OrderRow } from './order.entity.ts';
import type { OrderRecord } from './order.ts';
import {
  acceptedOrder,
  ApproveOrder,
  OrderCounts,
  OrderQuery,
  OrderView,
  PlaceOrder,
  RejectOrder,
  ResolveOrder,
  showOrder,
  showOrderCounts,
} from './orders.dto.ts';
import { OrderService } from './orders.service.ts';
import { type Decision, requestWithdrawal, resolve, retry } from './protocol/order-policy.ts';

@Controller('v1/orders')
export class OrdersController {
  constructor(
    private readonly store: TenantStore,
    private readonly orders: OrderService,
    private readonly env: SubscriptionLifecycleEnv,
  ) {}

  @Post()
  @HttpCode(202)
  @Allow('operator')
  @Describe(
    'Accepts an order, which is then placed at CMP exactly once and tracked until it ends. An order that reaches a limit of the connector requires a quote (409), or waits until another user has approved it.',
    { returns: OrderView },
  )
  @Audited('order.place')
  async place(
    @CurrentUser() { subject }: Principal,
    @Idempotency() request: IdempotentRequest,
    @Body() body: PlaceOrder,
  ): Promise<ApiResponse> {
    const correlationId = currentCorrelationId() ?? request.key;
    return this.orders.place(request, body, { subject, correlationId, canQuote: true }, acceptedOrder);
  }

  @Get()
  @Allow('viewer')
  @Describe('Orders, newest first.', { returns: OrderView, list: 'page' })
  async list(@CurrentUser() { tenantId }: Principal, @Query() query: OrderQuery): Promise<Page<OrderView>> {
    const after = decodeCursor(query.cursor, ['digits']);
    const found = await this.store.read(tenantId, (em) =>
      listOrders(em, tenantId, query, after, query.limit),
    );
    return toPage(found, query.limit, ({ position }) => [position], showOrder);
  }

  @Get('counts')
  @Allow('viewer')
  @Describe('How many orders have each status, of those that the filters find.', { returns: OrderCounts })
  async counts(@CurrentUser() { tenantId }: Principal, @Query() query: OrderQuery): Promise<OrderCounts> {
    return showOrderCounts(await this.store.read(tenantId, (em) => countOrders(em, tenantId, query)));
  }

  @Get(':id')
  @Allow('viewer')
  @Describe('One order, with its history and the reason why it waits.', { returns: OrderView })
  async read(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
  ): Promise<ApiResponse<OrderView>> {
    const { row, history } = await this.store.read(tenantId, async (em) => ({
      row: await readOrder(em, tenantId, id),
      history: await readOrderHistory(em, tenantId, id),
    }));
    const waitsFor = row.wait?.ahead?.id ?? null;
    return withEtag({ ...showOrder(row), waitsFor, history }, row.version);
  }

  @Get(':id/progress')
  @Allow('viewer')
  @Produces('text/event-stream')
  @Describe(
    'Server-sent events: `progress` with the order at every change of it, `finished` as the last, when it has ended or needs a person.',
    { events: { progress: OrderView, finished: OrderView } },
  )
  async progress(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const read = () => this.store.read(tenantId, (em) => readOrder(em, tenantId, id));
    // Before the response is chosen: an order that does not exist is a 404, not a stream.
    const first = await read();
    return sse(reply, followOrder(first, read, this.env.PROGRESS_POLL_MS));
  }
}

/** An event whenever there is something new to report about the order, until nothing more happens to it by itself. */
async function* followOrder(
  first: OrderRow,
  read: () => Promise<OrderRow>,
  everyMs: number,
): AsyncGenerator<ServerSentEvent> {
  let shown = '';
  for (let row = first; ; row = await read()) {
    const ended = isAtRest(row.status);
    const order = showOrder(row);
    // The next step is put off again and again while nothing else happens.
    const facts = JSON.stringify({ ...order, nextStepAt: null, version: null });
    if (facts !== shown) yield { event: ended ? 'finished' : 'progress', data: order };
    if (ended) return;
    shown = facts;
    await sleep(everyMs);
  }
}

@Allow('operator')
@Controller('v1/orders/:id')
export class OrderActionsController {
  constructor(
    private readonly orders: PostgresOrderStore,
    private readonly store: TenantStore,
  ) {}

  @Post('withdraw')
  @HttpCode(202)
  @Describe('Withdraws an order, as long as CMP has not started to process it.', { returns: OrderView })
  @Audited('order.withdraw')
  async withdraw(@CurrentUser() user: Principal, @UuidParam() id: string): Promise<OrderView> {
    await this.orders.change(user, id, requestWithdrawal, { decision: 'withdraw' });
    return this.#show(user, id);
  }

  @Post('retry')
  @HttpCode(202)
  @Describe('Retries an order that needs attention; it is searched for at CMP first.', {
    returns: OrderView,
  })
  @Audited('order.retry')
  async retry(@CurrentUser() user: Principal, @UuidParam() id: string): Promise<OrderView> {
    await this.orders.change(user, id, retry, { decision: 'retry' });
    return this.#show(user, id);
  }

  @Post('resolve')
  @HttpCode(200)
  @Describe('Decides an order that needs attention, with a reason.', { returns: OrderView })
  @Audited('order.resolve')
  async resolve(
    @CurrentUser() user: Principal,
    @UuidParam() id: string,
    @Body() { outcome, cmpOrderId = '', reason: because }: ResolveOrder,
  ): Promise<OrderView> {
    const decision: Decision =
      outcome === 'found' ? { resolve: 'found', cmpOrderId, because } : { resolve: outcome, because };
    const decide = (order: OrderRecord, now: number) => resolve(order, decision, user.subject, now);
    await this.orders.change(user, id, decide, { decision: 'resolve', reason: because });
    return this.#show(user, id);
  }

  @Post('approve')
  @HttpCode(202)
  @Allow('finance')
  @Describe(
    'Approves an order that awaits approval; it is then carried out. Its requester cannot approve it, and the hash has to be that of the order as read.',
    { returns: OrderView },
  )
  @Audited('order.approve')
  async approve(
    @CurrentUser() user: Principal,
    @UuidParam() id: string,
    @Body() { hash }: ApproveOrder,
  ): Promise<OrderView> {
    await this.orders.approve(user, id, hash);
    return this.#show(user, id);
  }

  @Post('reject')
  @HttpCode(200)
  @Allow('finance')
  @Describe('Rejects an order that awaits approval, with a reason; nothing is sent to CMP.', {
    returns: OrderView,
  })
  @Audited('order.reject')
  async reject(
    @CurrentUser() user: Principal,
    @UuidParam() id: string,
    @Body() { hash, reason: because }: RejectOrder,
  ): Promise<OrderView> {
    const decision = { by: user.subject, hash, because };
    const decide = (order: OrderRecord, now: number, row: OrderRow) => reject(order, row, decision, now);
    await this.orders.change(user, id, decide, { decision: 'reject', reason: because });
    return this.#show(user, id);
  }

  async #show({ tenantId }: Principal, id: string): Promise<OrderView> {
    return showOrder(await this.store.read(tenantId, (em) => readOrder(em, tenantId, id)));
  }
}
