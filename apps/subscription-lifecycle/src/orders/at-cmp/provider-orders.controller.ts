import { ProviderOrderLineV1 } from '@isthmus/contracts';
import {
  Allow,
  CurrentUser,
  decodeCursor,
  Describe,
  IfGiven,
  IsInstant,
  isoTimeOrNull,
  OrNull,
  type Page,
  PageQuery,
  Principal,
  TenantStore,
  toPage,
} from '@isthmus/service-kit';
import { Controller, Get, Query } from '@nestjs/common';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsISO8601,
  IsString,
  IsUUID,
  Length,
  ValidateNested,
} from 'class-validator';
import {
  type ListedProviderOrder,
  listProviderOrders,
  type ProviderOrderFilter,
} from './provider-orders.store.ts';

const places = ['here', 'elsewhere'] as const;

class ProviderOrderQuery extends PageQuery implements ProviderOrderFilter {
  @IfGiven() @IsUUID() connectorId?: string;
  @IfGiven() @IsString() @Length(1, 255) cmpSubscriptionId?: string;
  /** `here`: placed through this platform. `elsewhere`: in CMP's control panel, or by another program. */
  @IfGiven() @IsIn(places) placed?: (typeof places)[number];
  /** CMP's word, such as `sales`, `change`, `cancellation`. */
  @IfGiven() @IsString() @Length(1, 64) type?: string;
  /** Created at or after, and before. */
  @IfGiven() @IsInstant() from?: string;
  @IfGiven() @IsInstant() to?: string;
}

class OrderedSubscriptionView {
  @IsUUID() subscriptionId!: string;
  @IsString() name!: string;
  @OrNull() @IsString() accountName!: string | null;
}

/** An order as CMP lists it, no matter who placed it. */
export class ProviderOrderView {
  @IsUUID() connectorId!: string;
  @IsString() cmpOrderId!: string;
  @OrNull() @IsString() orderNumber!: string | null;
  /** CMP's word. */
  @IsString() type!: string;
  @IsString() status!: string;
  /** Our order; null for one that was placed elsewhere. */
  @OrNull() @IsUUID() orderId!: string | null;
  @OrNull() @IsISO8601() createdAt!: string | null;
  /** Time at which it was seen completed. */
  @OrNull() @IsISO8601() doneAt!: string | null;
  /** Set if it waits for the renewal. */
  @OrNull() @IsString() scheduledOn!: string | null;
  /** It moves the subscription to another product. */
  @IsBoolean() upgrade!: boolean;
  /** The subscriptions that it concerns, as far as known; CMP's ids, and ours with their names. */
  @IsArray() @IsString({ each: true }) cmpSubscriptionIds!: string[];
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => OrderedSubscriptionView)
  subscriptions!: OrderedSubscriptionView[];
  /** Its effect on each product; null until its detail has been read. */
  @OrNull() @IsArray() @ValidateNested({ each: true }) @Type(() => ProviderOrderLineV1) lines!:
    ProviderOrderLineV1[] | null;
}

@Allow('viewer')
@Controller('v1/orders/at-cmp')
export class ProviderOrdersController {
  constructor(private readonly store: TenantStore) {}

  @Get()
  @Describe(
    'The orders that CMP lists, newest first; `placed=elsewhere` returns those of the control panel and of other programs.',
    { returns: ProviderOrderView, list: 'page' },
  )
  async list(
    @CurrentUser() { tenantId }: Principal,
    @Query() query: ProviderOrderQuery,
  ): Promise<Page<ProviderOrderView>> {
    const after = decodeCursor(query.cursor, ['time', 'uuid', 'text']);
    const found = await this.store.read(tenantId, (em) =>
      listProviderOrders(em, tenantId, query, after, query.limit),
    );
    const keyOf = (row: ListedProviderOrder) => [row.place, row.connectorId, row.cmpOrderId];
    return toPage(found, query.limit, keyOf, showProviderOrder);
  }
}

const showProviderOrder = ({
  place: _,
  createdAt,
  doneAt,
  ...row
}: ListedProviderOrder): ProviderOrderView => ({
  ...row,
  cmpSubscriptionIds: [...row.cmpSubscriptionIds],
  createdAt: isoTimeOrNull(createdAt),
  doneAt: isoTimeOrNull(doneAt),
});
