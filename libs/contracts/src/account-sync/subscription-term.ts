import { IsInt, Length, Min } from 'class-validator';

/** How long a subscription is committed to, in CMP's words: `{ type: 'year', duration: 1 }`. */
export class SubscriptionTermV1 {
  @Length(1, 32) type!: string;
  @IsInt() @Min(0) duration!: number;
}
