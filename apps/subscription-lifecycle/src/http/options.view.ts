import { Type } from 'class-transformer';
import { IsBoolean, IsInt, IsISO8601, IsOptional, IsString, ValidateNested } from 'class-validator';
import type { Option, SubscriptionOptions } from '../domain/nce/options.ts';

/** Whether one thing may be done now, until when, and otherwise why not and what instead. */
export class OptionView {
  @IsBoolean() allowed!: boolean;
  @IsOptional() @IsISO8601() until!: string | null;
  @IsOptional() @IsString() code!: string | null;
  @IsOptional() @IsString() detail!: string | null;
  @IsOptional() @IsString() nextStep!: string | null;
  /** Seats that can be given up now; of a decrease. */
  @IsOptional() @IsInt() seats?: number;
}

export class SubscriptionOptionsView {
  @ValidateNested() @Type(() => OptionView) increase!: OptionView;
  @ValidateNested() @Type(() => OptionView) decrease!: OptionView;
  @ValidateNested() @Type(() => OptionView) decreaseAtRenewal!: OptionView;
  @ValidateNested() @Type(() => OptionView) cancel!: OptionView;
  @ValidateNested() @Type(() => OptionView) renewalSetting!: OptionView;
}

export const showOptions = (options: SubscriptionOptions): SubscriptionOptionsView => ({
  increase: show(options.increase),
  decrease: { ...show(options.decrease), seats: options.decrease.seats },
  decreaseAtRenewal: show(options.decreaseAtRenewal),
  cancel: show(options.cancel),
  renewalSetting: show(options.renewalSetting),
});

const show = ({ allowed, until, code, detail, nextStep }: Option): OptionView => ({
  allowed,
  until: until === undefined || until === null ? null : new Date(until).toISOString(),
  code: code ?? null,
  detail: detail ?? null,
  nextStep: nextStep ?? null,
});
