import { type CmpCall, type Lane, lanes } from '@isthmus/cmp-client';
import {
  Allow,
  AnyObject,
  CurrentUser,
  decodeCursor,
  Describe,
  isoTime,
  OrNull,
  type Page,
  PageQuery,
  Principal,
  TenantStore,
  toPage,
  UuidParam,
} from '@isthmus/service-kit';
import { Controller, Get, Query } from '@nestjs/common';
import { IsIn, IsInt, IsISO8601, IsString } from 'class-validator';
import { readOrder } from '../order-queries.store.ts';
import type { OrderCallRow } from './order-call.entity.ts';
import { listOrderCalls } from './order-calls.store.ts';

const methods: readonly CmpCall['method'][] = ['GET', 'POST', 'PATCH'];

/** A call to CMP that was made for an order. */
export class OrderCallView {
  /** The time at which it was sent. */
  @IsISO8601() at!: string;
  /** Such as `orders.place`. */
  @IsString() operation!: string;
  @IsIn(methods) method!: CmpCall['method'];
  /** At CMP, without its query. */
  @IsString() path!: string;
  /** 1 for the first try. */
  @IsInt() attempt!: number;
  /** The lane of the call budget in which it waited. */
  @IsIn(lanes) lane!: Lane;
  /** Null if there was no response. */
  @OrNull() @IsInt() httpStatus!: number | null;
  /** `ok`, or the code of the error. */
  @IsString() result!: string;
  /** Time from the request to the response. */
  @IsInt() tookMs!: number;
  /** Time spent waiting for the call budget before that. */
  @IsInt() waitedMs!: number;
  /** CMP's own id of the call, for its support. */
  @OrNull() @IsString() cmpCorrelationId!: string | null;
  /** Ids, states, dates, quantities and prices of the response; null if there are none. */
  @OrNull() @AnyObject() response!: object | null;
}

@Allow('viewer')
@Controller('v1/orders/:id/calls')
export class OrderCallsController {
  constructor(private readonly store: TenantStore) {}

  @Get()
  @Describe('The calls to CMP that were made for an order, in their order, as long as they are kept.', {
    returns: OrderCallView,
    list: 'page',
  })
  async list(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
    @Query() { cursor, limit }: PageQuery,
  ): Promise<Page<OrderCallView>> {
    const after = decodeCursor(cursor, ['digits']);
    const found = await this.store.read(tenantId, async (em) => {
      await readOrder(em, tenantId, id);
      return listOrderCalls(em, tenantId, id, after, limit);
    });
    return toPage(found, limit, ({ id: position }) => [position], showOrderCall);
  }
}

const showOrderCall = ({ at, id: _, tenantId: __, orderId: ___, ...call }: OrderCallRow): OrderCallView => ({
  ...call,
  at: isoTime(at),
});
