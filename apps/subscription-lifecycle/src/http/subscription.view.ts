import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  ValidateNested,
} from 'class-validator';
import { SubscriptionLineV1 } from '@isthmus/contracts';
import { Period } from '@isthmus/domain';
import { isoTime } from '@isthmus/service-kit';
import { linesOf } from '../persistence/subscription-events.ts';
import { assignments, type Assignment, type SubscriptionRow } from '../persistence/subscription-row.ts';

export class SeatLotView {
  @IsInt() seats!: number;
  @IsISO8601() addedAt!: string;
  /** Of which line, where the subscription has several: its `productId`, or else its mpn. */
  @IsOptional() @IsString() line?: string;
}

export class SubscriptionView {
  @IsUUID() id!: string;
  @IsUUID() connectorId!: string;
  @IsOptional() @IsUUID() providerAccountId!: string | null;
  @IsString() cmpSubscriptionId!: string;
  @IsString() cmpAccountId!: string;
  /** The customer's name; null while CMP has not listed the account. */
  @IsOptional() @IsString() accountName!: string | null;
  @IsString() name!: string;
  /** Locally owned; no sync overwrites it. */
  @IsOptional() @IsString() friendlyName!: string | null;
  /** CMP's word. */
  @IsString() status!: string;
  @IsBoolean() autoRenew!: boolean;
  /** Null: unassigned. */
  @IsOptional() @IsUUID() billingContractId!: string | null;
  /** Who decided on the contract. `default`: nobody, without one it joins the default contract; `transferred`: it waits for a person. */
  @IsIn(assignments) assignment!: Assignment;
  @IsOptional() @IsString() billingPeriod!: string | null;
  @IsOptional() @IsString() term!: string | null;
  @IsOptional() @IsISO8601() renewalDate!: string | null;
  @IsOptional() @IsISO8601() expirationDate!: string | null;
  @IsArray() @ValidateNested({ each: true }) @Type(() => SubscriptionLineV1) lines!: SubscriptionLineV1[];
  /** Null while nobody knows when the seats were added. */
  @IsOptional() @IsArray() @ValidateNested({ each: true }) @Type(() => SeatLotView) seatLots!:
    SeatLotView[] | null;
  /** When CMP was read. */
  @IsISO8601() asOf!: string;
  @IsInt() version!: number;
}

/** One change of a subscription, with where it came from. */
export class SubscriptionChangeView {
  @IsISO8601() at!: string;
  /** cmp, order or person. */
  @IsString() source!: string;
  @IsString() by!: string;
  @IsOptional() @IsUUID() orderId!: string | null;
  @IsString() correlationId!: string;
  @IsArray() @IsObject({ each: true }) changes!: object[];
}

export function showSubscription(row: SubscriptionRow): SubscriptionView {
  const { state } = row;
  return {
    id: row.id,
    connectorId: row.connectorId,
    providerAccountId: row.providerAccountId,
    cmpSubscriptionId: row.cmpSubscriptionId,
    cmpAccountId: row.cmpAccountId,
    accountName: row.accountName,
    name: row.name,
    friendlyName: row.friendlyName,
    status: row.status,
    autoRenew: state.autoRenew,
    billingContractId: row.billingContractId,
    assignment: row.assignment,
    billingPeriod: state.billingPeriod && Period.print(state.billingPeriod),
    term: state.term && Period.print(state.term),
    renewalDate: state.renewalDate,
    expirationDate: state.expirationDate,
    lines: linesOf(state),
    seatLots:
      state.lots &&
      state.lots.map(({ addedAt, ...lot }) => ({ ...lot, addedAt: isoTime(new Date(addedAt)) })),
    asOf: new Date(state.asOf).toISOString(),
    version: row.version,
  };
}
