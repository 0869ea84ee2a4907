import { IsIn, IsISO8601, IsOptional, IsUrl, IsUUID, Length } from 'class-validator';

export const orderWaitCauses = [
  'another-order',
  'connector-paused',
  'portal-confirmation',
  'customer-acceptance',
  'cmp',
  'renewal',
] as const;
export type OrderWaitCause = (typeof orderWaitCauses)[number];

/** What an order waits for, until when, and what people can do meanwhile. */
export class OrderWaitV1 {
  @IsIn(orderWaitCauses) for!: OrderWaitCause;
  /** One sentence for people. */
  @Length(1, 2000) detail!: string;
  @Length(1, 2000) nextStep!: string;
  /** When it stops waiting by itself or is escalated. */
  @IsOptional() @IsISO8601({ strict: true }) until?: string;
  /** The order that goes first. */
  @IsOptional() @IsUUID() orderId?: string;
  /** Where the customer accepts, as CMP gave it. */
  @IsOptional() @IsUrl({ protocols: ['https'], require_protocol: true }) link?: string;
}
