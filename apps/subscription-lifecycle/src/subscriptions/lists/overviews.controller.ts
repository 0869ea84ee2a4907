import { MoneyV1 } from '@isthmus/contracts';
import {
  Allow,
  CurrentUser,
  Describe,
  IfGiven,
  invalidInput,
  IsInstant,
  isoTime,
  OrNull,
  Principal,
  QueryList,
  TenantStore,
} from '@isthmus/service-kit';
import { Controller, Get, Query } from '@nestjs/common';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsInt,
  IsISO8601,
  IsString,
  IsUUID,
  ValidateNested,
} from 'class-validator';
import { contractTotals, openWindows, type OpenWindow } from './overviews.ts';
import { subscriptionsOfContracts, subscriptionsWithRecentLots } from './subscription-list.store.ts';

class WindowQuery {
  /** Only windows that close before. */
  @IfGiven() @IsInstant() closingBefore?: string;
  @IfGiven() @IsUUID() connectorId?: string;
}

/** Seats that can still be returned. */
export class WindowView {
  @IsUUID() subscriptionId!: string;
  @IsUUID() connectorId!: string;
  @IsString() name!: string;
  /** The customer's name; null while CMP has not listed the account. */
  @OrNull() @IsString() accountName!: string | null;
  @IsInt() seats!: number;
  /** The line, if the subscription has several. */
  @OrNull() @IsString() line!: string | null;
  @IsISO8601() addedAt!: string;
  @IsISO8601() reducibleUntil!: string;
}

class ContractTotalsQuery {
  /** One or several, at most 100. */
  @QueryList()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @IsUUID('all', { each: true })
  billingContractId?: string[];
}

export class ContractTotalView {
  @IsUUID() billingContractId!: string;
  /** Live ones. */
  @IsInt() subscriptions!: number;
  @IsInt() seats!: number;
  /** Per currency, as if every subscription was billed monthly; rounded per subscription. */
  @IsArray() @ValidateNested({ each: true }) @Type(() => MoneyV1) monthlyTotals!: MoneyV1[];
  /** Subscriptions that are not in the totals, because a price or the billing period is unknown. */
  @IsInt() withoutPrice!: number;
}

/** What matters of many subscriptions at once. */
@Allow('viewer')
@Controller('v1/subscriptions')
export class OverviewsController {
  constructor(private readonly store: TenantStore) {}

  @Get('windows')
  @Describe('Seats that can still be returned, the next window to close first, at most 1,000.', {
    returns: WindowView,
    list: 'array',
  })
  async windows(
    @CurrentUser() { tenantId }: Principal,
    @Query() { closingBefore, connectorId }: WindowQuery,
  ): Promise<WindowView[]> {
    const now = Date.now();
    const before = closingBefore === undefined ? Infinity : Date.parse(closingBefore);
    const rows = await this.store.read(tenantId, (em) =>
      subscriptionsWithRecentLots(em, tenantId, connectorId, now),
    );
    return openWindows(rows, now, before).slice(0, 1_000).map(showWindow);
  }

  @Get('contract-totals')
  @Describe('The live subscriptions of billing contracts, their seats and monthly totals.', {
    returns: ContractTotalView,
    list: 'array',
  })
  async totals(
    @CurrentUser() { tenantId }: Principal,
    @Query() { billingContractId: contracts }: ContractTotalsQuery,
  ): Promise<ContractTotalView[]> {
    if (!contracts)
      throw invalidInput([{ field: 'billingContractId', message: 'billingContractId must name a contract' }]);
    const rows = await this.store.read(tenantId, (em) => subscriptionsOfContracts(em, tenantId, contracts));
    return contractTotals(contracts, rows);
  }
}

const showWindow = ({ row, seats, line, addedAt, closesAt }: OpenWindow): WindowView => ({
  subscriptionId: row.id,
  connectorId: row.connectorId,
  name: row.friendlyName ?? row.name,
  accountName: row.accountName,
  ...{ seats, line },
  addedAt: isoTime(new Date(addedAt)),
  reducibleUntil: isoTime(new Date(closesAt)),
});
