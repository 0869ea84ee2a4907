import { MoneyV1 } from '@isthmus/contracts';
import type { FieldError } from '@isthmus/domain';
import {
  Allow,
  AnyObject,
  ApiResponse,
  CurrentUser,
  Describe,
  isoTime,
  NotAudited,
  OrNull,
  Principal,
  UuidParam,
} from '@isthmus/service-kit';
import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  IsUUID,
  ValidateNested,
} from 'class-validator';
import { OrderReasonView, PlaceOrder } from '../orders/orders.dto.ts';
import type { QuoteRow } from './quote.entity.ts';
import type { CmpEstimate, QuotedEffect } from './quote.ts';
import { QuoteService } from './quotes.service.ts';

class QuotedLineView {
  @OrNull() @IsString() mpn!: string | null;
  @OrNull() @IsString() name!: string | null;
  @IsInt() seatsBefore!: number;
  @IsInt() seatsAfter!: number;
  /** Per seat and billing period. */
  @OrNull() @ValidateNested() @Type(() => MoneyV1) unitPrice!: MoneyV1 | null;
  /** Price of all seats afterwards, for a whole billing period. */
  @OrNull() @ValidateNested() @Type(() => MoneyV1) extendedPrice!: MoneyV1 | null;
  /** True if the line was not ordered, but is added by CMP because another product needs it. */
  @IsBoolean() addedByCmp!: boolean;
}

class CmpLineView {
  @OrNull() @IsString() mpn!: string | null;
  @OrNull() @IsString() name!: string | null;
  /** The quantity as CMP states it; for a change, the difference. */
  @IsInt() quantity!: number;
  @OrNull() @ValidateNested() @Type(() => MoneyV1) extendedPrice!: MoneyV1 | null;
}

const answers = ['estimated', 'refused', 'away', 'not-requested'] as const;

/** CMP's estimate of the order. */
class CmpOpinionView {
  /** `away`: CMP could not be reached or does not state it; then the total is ours. `not-requested`: it costs nothing there. */
  @IsIn(answers) answer!: CmpEstimate['answer'];
  @OrNull() @ValidateNested() @Type(() => MoneyV1) total!: MoneyV1 | null;
  @IsArray() @ValidateNested({ each: true }) @Type(() => CmpLineView) lines!: CmpLineView[];
  @OrNull() @ValidateNested() @Type(() => OrderReasonView) reason!: OrderReasonView | null;
}

const effects = [
  'opens-window',
  'opens-lot',
  'takes-from-lots',
  'at-renewal',
  'window-closes',
  'ends-at-once',
  'ends-with-term',
  'extended-term',
  'renews',
] as const satisfies QuotedEffect['code'][];

class QuotedEffectView {
  @IsIn(effects) code!: QuotedEffect['code'];
  /** In words. */
  @IsString() detail!: string;
  @IsOptional() @IsInt() seats?: number;
  @IsOptional() @IsISO8601() at?: string;
}

class FieldErrorView implements FieldError {
  @IsString() field!: string;
  @IsString() message!: string;
}

class QuotedRefusalView extends OrderReasonView {
  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => FieldErrorView)
  errors?: readonly FieldErrorView[];
  /** The suggested alternative, for programs. */
  @IsOptional() @AnyObject() offer?: object;
}

/** The cost and effect of an order, or why it would be refused. */
export class QuoteView {
  @IsUUID() id!: string;
  @IsISO8601() createdAt!: string;
  /** An order may be bound to it until then. */
  @IsISO8601() expiresAt!: string;
  /** The command as it was given. */
  @ValidateNested() @Type(() => PlaceOrder) order!: PlaceOrder;
  @OrNull() @IsUUID() subscriptionId!: string | null;
  /** Term of the product bought or the subscription changed, in ISO 8601; null if unknown. */
  @OrNull() @IsString() term!: string | null;
  @OrNull() @IsString() billingPeriod!: string | null;
  /** Per seat and billing period. */
  @OrNull() @ValidateNested() @Type(() => MoneyV1) unitPrice!: MoneyV1 | null;
  @IsArray() @ValidateNested({ each: true }) @Type(() => QuotedLineView) lines!: QuotedLineView[];
  /** The time at which the total is charged. */
  @IsIn(['now', 'renewal']) chargedAt!: 'now' | 'renewal';
  /** CMP's, or ours if CMP did not estimate; a refund is negative. Null if unknown. */
  @OrNull() @ValidateNested() @Type(() => MoneyV1) total!: MoneyV1 | null;
  /** Ours, from prices and proration. */
  @OrNull() @ValidateNested() @Type(() => MoneyV1) estimate!: MoneyV1 | null;
  @ValidateNested() @Type(() => CmpOpinionView) cmp!: CmpOpinionView;
  @IsArray() @ValidateNested({ each: true }) @Type(() => QuotedEffectView) effects!: QuotedEffectView[];
  /** What the order would destroy even if it is allowed, and a warning if nobody would be billed for it. */
  @IsArray() @ValidateNested({ each: true }) @Type(() => OrderReasonView) warnings!: OrderReasonView[];
  /** Null if the order would be accepted as things stand. */
  @OrNull() @ValidateNested() @Type(() => QuotedRefusalView) refused!: QuotedRefusalView | null;
}

export const showQuote = ({ id, createdAt, expiresAt, command, quote }: QuoteRow): QuoteView => ({
  id,
  createdAt: isoTime(createdAt),
  expiresAt: isoTime(expiresAt),
  order: command as PlaceOrder,
  subscriptionId: quote.subscriptionId,
  term: quote.term ?? null,
  billingPeriod: quote.billingPeriod ?? null,
  unitPrice: quote.unitPrice ?? null,
  lines: quote.lines,
  chargedAt: quote.chargedAt,
  total: quote.total,
  estimate: quote.estimate,
  cmp: quote.cmp,
  effects: quote.effects.map(({ at, ...effect }) => ({
    ...effect,
    ...(at === undefined ? {} : { at: isoTime(new Date(at)) }),
  })),
  warnings: quote.warnings,
  refused: quote.refused,
});

@Controller('v1/quotes')
export class QuotesController {
  constructor(private readonly quotes: QuoteService) {}

  @Post()
  @HttpCode(201)
  @Allow('operator')
  @Describe(
    'Returns the price and effects of an order, or the reason why it would be rejected; nothing is ordered.',
    {
      returns: QuoteView,
      status: 201,
    },
  )
  @NotAudited('It orders nothing; an order that is bound to it has an entry that names it.')
  async quote(
    @CurrentUser() { tenantId, subject }: Principal,
    @Body() body: PlaceOrder,
  ): Promise<ApiResponse<QuoteView>> {
    const row = await this.quotes.quote(tenantId, body, subject);
    return ApiResponse.created(`/v1/quotes/${row.id}`, showQuote(row));
  }

  @Get(':id')
  @Allow('viewer')
  @Describe('One quote; available until a day after it has expired.', { returns: QuoteView })
  async read(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<QuoteView> {
    return showQuote(await this.quotes.read(tenantId, id));
  }
}
