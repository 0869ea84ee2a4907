import { IsIn, IsString, Length, ValidateIf } from 'class-validator';

/** What somebody found in CMP's control panel. */
export class ResolveOrder {
  /** `found`: it is CMP's order `cmpOrderId`, which is followed from here. */
  @IsIn(['settled', 'refused', 'found']) outcome!: 'settled' | 'refused' | 'found';
  @ValidateIf(({ outcome }: ResolveOrder) => outcome === 'found')
  @IsString()
  @Length(1, 64)
  cmpOrderId?: string;
  @IsString() @Length(3, 1000) reason!: string;
}
