import { IsIn, IsISO8601, IsUUID, Length } from 'class-validator';
import { Event } from '../contract.ts';

@Event({
  subject: 'webhooks.endpoint-failing.v1',
  producer: 'webhooks',
  aggregate: 'webhook-endpoint',
  summary: 'Nothing has reached a webhook endpoint for a while; if that goes on it will be disabled.',
})
export class EndpointFailingV1 {
  @IsUUID() endpointId!: string;
  /** Of its address; the rest may be secret. */
  @Length(1, 255) host!: string;
  /** Since when no attempt has succeeded. */
  @IsISO8601({ strict: true }) failingSince!: string;
  /** How the last attempt failed, such as `503` or `timeout`. */
  @Length(1, 200) lastFailure!: string;
}

/** `failing`: nothing reached it for days. `gone`: it responded with 410. */
export const disablingReasons = ['failing', 'gone'] as const;
export type DisablingReason = (typeof disablingReasons)[number];

@Event({
  subject: 'webhooks.endpoint-disabled.v1',
  producer: 'webhooks',
  aggregate: 'webhook-endpoint',
  summary:
    'Nothing is sent to a webhook endpoint any more until somebody enables it; what it misses is kept.',
})
export class EndpointDisabledV1 {
  @IsUUID() endpointId!: string;
  /** Of its address; the rest may be secret. */
  @Length(1, 255) host!: string;
  @IsIn(disablingReasons) reason!: DisablingReason;
  /** Since when no attempt has succeeded. */
  @IsISO8601({ strict: true }) failingSince!: string;
  /** How the last attempt failed, such as `503` or `timeout`. */
  @Length(1, 200) lastFailure!: string;
}
