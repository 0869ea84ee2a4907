import { IsISO8601, IsOptional, IsUUID, Length, Matches } from 'class-validator';

/** A period as ISO 8601 writes it: P1M, P1Y, P3Y. */
export const isoPeriod = /^P[1-9]\d{0,3}[DMY]$/;

/** What every product event says of the product. */
export class ProductFactsV1 {
  @IsUUID() connectorId!: string;
  /** Our id. */
  @IsUUID() productId!: string;
  /** CMP's id (PRD…), or what stands for it where CMP shows none. */
  @Length(1, 600) cmpProductId!: string;
  @Length(0, 255) vendor!: string;
  @Length(0, 255) mpn!: string;
  /** `INGRAM:vendor:mpn`; absent when vendor and mpn cannot stand in one. */
  @IsOptional() @Length(1, 600) partNumber?: string;
  @Length(0, 500) name!: string;
  @IsOptional() @Length(0, 255) serviceName?: string;
  @IsOptional() @Matches(isoPeriod) billingPeriod?: string;
  @IsOptional() @Matches(isoPeriod) term?: string;
  /** When CMP was read. */
  @IsISO8601({ strict: true }) asOf!: string;
}
