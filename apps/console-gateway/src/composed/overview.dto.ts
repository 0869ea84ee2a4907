import { OrNull } from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import { IsArray, IsIn, IsInt, IsISO8601, IsString, IsUUID, ValidateNested } from 'class-validator';
import { services, type ServiceName } from '../proxy/generated/routes.ts';

export class ConnectorOverview {
  @IsUUID() id!: string;
  @IsString() name!: string;
  @IsIn(['active', 'paused']) status!: string;
  /** When its subscriptions were last synced; null if never, or not among the last 200 runs. */
  @OrNull() @IsISO8601() asOf!: string | null;
}

export class RunsOverview {
  @IsInt() running!: number;
  /** Waiting for an approval. */
  @IsInt() held!: number;
  @IsInt() failed24h!: number;
}

export class OrdersOverview {
  /** Neither ended nor waiting for a person. */
  @IsInt() open!: number;
  @IsInt() needsAttention!: number;
  @IsInt() awaitingApproval!: number;
  /** When the oldest of those that wait for a person was requested. */
  @OrNull() @IsISO8601() oldestAt!: string | null;
}

export class AccountsOverview {
  @IsInt() unlinked!: number;
  /** Null as long as the service does not count them. */
  @OrNull() @IsInt() withoutContract!: number | null;
}

export class PartNumbersOverview {
  @IsInt() unmapped!: number;
  @IsInt() ambiguous!: number;
  /** Subscriptions that use one of them. */
  @IsInt() subscriptionsWaiting!: number;
}

export class EndpointsOverview {
  @IsInt() failing!: number;
  /** Not counting those that a person has disabled. */
  @IsInt() disabled!: number;
}

/** Subscriptions by the time until their renewal; each includes the one before. */
export class RenewalsOverview {
  @IsInt() in7Days!: number;
  @IsInt() in30Days!: number;
  @IsInt() in90Days!: number;
}

/** What waits for somebody. A part is null while its service is down or does not offer it. Counts stop at 1,000. */
export class Overview {
  @IsISO8601() asOf!: string;
  @OrNull()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => ConnectorOverview)
  connectors!: ConnectorOverview[] | null;
  @OrNull() @ValidateNested() @Type(() => RunsOverview) runs!: RunsOverview | null;
  @OrNull() @ValidateNested() @Type(() => OrdersOverview) orders!: OrdersOverview | null;
  @OrNull() @ValidateNested() @Type(() => AccountsOverview) accounts!: AccountsOverview | null;
  @OrNull() @ValidateNested() @Type(() => PartNumbersOverview) partNumbers!: PartNumbersOverview | null;
  @OrNull() @ValidateNested() @Type(() => EndpointsOverview) endpoints!: EndpointsOverview | null;
  @OrNull() @ValidateNested() @Type(() => RenewalsOverview) renewals!: RenewalsOverview | null;
  /** The services that did not respond. */
  @IsArray() @IsIn(services, { each: true }) unavailable!: ServiceName[];
}
