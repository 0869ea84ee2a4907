import { Body, Controller, Get, HttpCode, Post, Query, UseInterceptors } from '@nestjs/common';
import {
  Allow,
  Answer,
  currentCorrelationId,
  CurrentUser,
  decodeCursor,
  Describe,
  Idempotency,
  pageOf,
  PageQuery,
  Principal,
  tagged,
  TenantStore,
  UuidParam,
  type IdempotentRequest,
  type Page,
} from '@isthmus/service-kit';
import { orderWaitCauses, type OrderWaitCause } from '@isthmus/contracts';
import { IsIn, IsOptional, IsUUID } from 'class-validator';
import { OrderCommands } from '../commands/order-commands.ts';
import { orderStatuses, type OrderStatus } from '../domain/order/order-lifecycle.ts';
import { listOrders, historyOf } from '../persistence/order-queries.ts';
import { readOrder } from '../persistence/queries.ts';
import { FieldProblems } from './field-problems.interceptor.ts';
import { OrderView, showOrder } from './order.view.ts';
import { PlaceOrder } from './place-order.dto.ts';

export class OrderQuery extends PageQuery {
  @IsOptional() @IsIn(orderStatuses) status?: OrderStatus;
  @IsOptional() @IsUUID() subscriptionId?: string;
  /** Only orders that wait for this. */
  @IsOptional() @IsIn(orderWaitCauses) waitingFor?: OrderWaitCause;
}

@UseInterceptors(FieldProblems)
@Controller('v1/orders')
export class OrdersController {
  constructor(
    private readonly store: TenantStore,
    private readonly commands: OrderCommands,
  ) {}

  @Post()
  @HttpCode(202)
  @Allow('operator')
  @Describe('Takes an order over: it is placed at CMP exactly once, and followed to its end.', {
    returns: OrderView,
  })
  async place(
    @CurrentUser() { subject }: Principal,
    @Idempotency() request: IdempotentRequest,
    @Body() body: PlaceOrder,
  ): Promise<Answer> {
    const correlationId = currentCorrelationId() ?? request.key;
    return this.commands.place(request, body, { subject, correlationId });
  }

  @Get()
  @Allow('viewer')
  @Describe('Orders, the newest first.', { returns: OrderView, list: 'page' })
  async list(@CurrentUser() { tenantId }: Principal, @Query() query: OrderQuery): Promise<Page<OrderView>> {
    const after = decodeCursor(query.cursor, ['digits']);
    const found = await listOrders(this.store.rows(tenantId), query, after, query.limit);
    return pageOf(found, query.limit, ({ position }) => [position], showOrder);
  }

  @Get(':id')
  @Allow('viewer')
  @Describe('One order, with its history and what it waits for.', { returns: OrderView })
  async read(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<Answer<OrderView>> {
    const rows = this.store.rows(tenantId);
    const row = await readOrder(rows, id);
    const history = await historyOf(rows, id);
    const waitsFor = row.wait?.ahead?.id ?? null;
    return tagged({ ...showOrder(row), waitsFor, history }, row.version);
  }
}
