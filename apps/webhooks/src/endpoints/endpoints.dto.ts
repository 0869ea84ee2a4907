import { IfGiven, isoTimeOrNull, OrNull } from '@isthmus/service-kit';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsISO8601,
  IsString,
  IsUUID,
  Length,
  MaxLength,
} from 'class-validator';
import { shownUrl } from './endpoint-settings.ts';
import { disabledReasons, type Endpoint, endpointStatuses } from './endpoint.entity.ts';

export class CreateEndpoint {
  /** Target of the events: https, a public address. */
  @IsString() @Length(1, 2048) url!: string;
  /** Description for users. */
  @IfGiven() @IsString() @MaxLength(500) description?: string;
  /** `*`, `<service>.*` or event types in full. Left out: everything. */
  @IfGiven()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  @ArrayUnique()
  @IsString({ each: true })
  @Length(1, 200, { each: true })
  eventTypes?: string[];
}

/** Fields that are left out are not changed. */
export class ChangeEndpoint {
  /** Target of the events: https, a public address. */
  @IfGiven() @IsString() @Length(1, 2048) url?: string;
  @IfGiven() @IsString() @MaxLength(500) description?: string;
  /** `*`, `<service>.*` or event types in full. */
  @IfGiven()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  @ArrayUnique()
  @IsString({ each: true })
  @Length(1, 200, { each: true })
  eventTypes?: string[];
}

/** An endpoint as everyone of its tenant may see it: its secret is only in the response that created it. */
export class EndpointView {
  @IsUUID() id!: string;
  /** Its query, if it has one, is shown as `***`. */
  @IsString() url!: string;
  @IsString() description!: string;
  @IsArray() @IsString({ each: true }) eventTypes!: string[];
  @IsIn(endpointStatuses) status!: Endpoint['status'];
  @OrNull() @IsISO8601() disabledAt!: string | null;
  @OrNull() @IsIn(disabledReasons) disabledReason!: Endpoint['disabledReason'];
  /** Time since which no attempt has succeeded. */
  @OrNull() @IsISO8601() failingSince!: string | null;
  /** How the last attempt failed: a status, or a word such as `timeout`. */
  @OrNull() @IsString() lastFailure!: string | null;
  /** It requested that nothing be sent before this time (Retry-After). */
  @OrNull() @IsISO8601() heldUntil!: string | null;
  @IsISO8601() createdAt!: string;
  @IsISO8601() updatedAt!: string;
  /** The number in the ETag. */
  @IsInt() version!: number;
}

/** One with what waits for it. */
export class EndpointStateView extends EndpointView {
  /** Pending deliveries, and those that ran out of attempts, which `recover` resends. */
  @IsInt() pending!: number;
  @IsInt() undelivered!: number;
  /** Delivered in the last 24 hours; 10,000 stands for that many or more. */
  @IsInt() delivered24h!: number;
  @OrNull() @IsISO8601() lastDeliveredAt!: string | null;
}

/** The only response that contains the secret. */
export class NewEndpointView extends EndpointView {
  /** `whsec_…`, for verifying signatures. Store it: it is shown only once. */
  @IsString() secret!: string;
}

export class NewSecretView {
  /** `whsec_…`. Store it: it is shown only once. */
  @IsString() secret!: string;
  /** Until then, requests are also signed with the previous secret. */
  @IsISO8601() previousExpiresAt!: string;
}

export const toEndpointView = (endpoint: Endpoint): EndpointView => ({
  id: endpoint.id,
  url: shownUrl(endpoint.url),
  description: endpoint.description,
  eventTypes: endpoint.eventTypes,
  status: endpoint.status,
  disabledAt: isoTimeOrNull(endpoint.disabledAt),
  disabledReason: endpoint.disabledReason,
  failingSince: isoTimeOrNull(endpoint.failingSince),
  lastFailure: endpoint.lastFailure,
  heldUntil: isoTimeOrNull(endpoint.heldUntil),
  createdAt: endpoint.createdAt.toISOString(),
  updatedAt: endpoint.updatedAt.toISOString(),
  version: endpoint.version,
});
