import { IsIn, IsISO8601, IsUUID, Length } from 'class-validator';
import { Event } from '../contract.ts';

@Event({
  eventType: 'webhooks.endpoint-degraded.v1',
  producer: 'webhooks',
  aggregate: 'webhook-endpoint',
  summary:
    'No delivery to a webhook endpoint has succeeded for a while; if this continues, it will be disabled.',
})
export class EndpointDegradedV1 {
  @IsUUID() endpointId!: string;
  /** Host of its URL; the rest may be secret. */
  @Length(1, 255) host!: string;
  /** Time since which no attempt has succeeded. */
  @IsISO8601({ strict: true }) failingSince!: string;
  /** How the last attempt failed, such as `503` or `timeout`. */
  @Length(1, 200) lastFailure!: string;
}

/** `failing`: nothing reached it for days. `gone`: it responded with 410. */
export const disablingReasons = ['failing', 'gone'] as const;
export type DisablingReason = (typeof disablingReasons)[number];

@Event({
  eventType: 'webhooks.endpoint-disabled.v1',
  producer: 'webhooks',
  aggregate: 'webhook-endpoint',
  summary:
    'A webhook endpoint was disabled: nothing is sent until a user enables it; events that it misses are stored.',
})
export class EndpointDisabledV1 {
  @IsUUID() endpointId!: string;
  /** Host of its URL; the rest may be secret. */
  @Length(1, 255) host!: string;
  @IsIn(disablingReasons) reason!: DisablingReason;
  /** Time since which no attempt has succeeded. */
  @IsISO8601({ strict: true }) failingSince!: string;
  /** How the last attempt failed, such as `503` or `timeout`. */
  @Length(1, 200) lastFailure!: string;
}
