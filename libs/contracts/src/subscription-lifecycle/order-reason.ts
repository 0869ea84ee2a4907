import { IsOptional, Length } from 'class-validator';

/** Why an order was refused or needs somebody, for people. */
export class OrderReasonV1 {
  /** Stable. */
  @Length(1, 100) code!: string;
  @Length(1, 4000) detail!: string;
  @Length(1, 2000) nextStep!: string;
  /** CMP's, for its support. */
  @IsOptional() @Length(1, 200) correlationId?: string;
}
