import { IsArray, IsBoolean, IsIn, IsInt, IsString, Length, ValidateNested } from 'class-validator';
import { Type } from 'class-transformer';
import type { LinkReason, LinkReasonCode, LinkSuggestion } from '../domain/link-suggestions.ts';

export class LinkAccount {
  /** Work 365's id of the account. */
  @IsString() @Length(1, 64) tenantAccountId!: string;
}

const reasonCodes = [
  'same-external-id',
  'same-tax-id',
  'same-domain',
  'same-name',
  'same-email-domain',
] as const satisfies LinkReasonCode[];

export class LinkReasonView implements LinkReason {
  @IsIn(reasonCodes) code!: LinkReasonCode;
  /** What is equal, in words. */
  @IsString() detail!: string;
}

export class LinkSuggestionView implements LinkSuggestion {
  @IsString() tenantAccountId!: string;
  @IsString() name!: string;
  /** 1 to 100, the sum of what the reasons weigh. */
  @IsInt() score!: number;
  @IsArray() @ValidateNested({ each: true }) @Type(() => LinkReasonView) reasons!: LinkReasonView[];
  /** Another candidate has the same score. */
  @IsBoolean() tied!: boolean;
}

/** The best first; nothing is linked by itself. */
export class LinkSuggestions {
  @IsArray() @ValidateNested({ each: true }) @Type(() => LinkSuggestionView) data!: LinkSuggestionView[];
}
