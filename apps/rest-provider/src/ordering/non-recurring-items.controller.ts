import { AllowApiKey, CurrentApiKey, Describe, invalidInput, NotAudited, OrNull } from '@isthmus/service-kit';
import { Controller, Get, HttpCode, Post, Req, UseInterceptors } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsISO8601, IsNumber, IsString, ValidateNested } from 'class-validator';
import type { FastifyRequest } from 'fastify';
import { Pricing } from '../subscriptions/subscriptions.dto.ts';
import { Model, ModelRef } from '../work365/model.dto.ts';
import { Work365Client } from '../work365/work365-client.ts';
import { Work365Translation } from '../work365/work365.interceptor.ts';
import { WriteRefused } from '../write-intents/write-intent.ts';

class NonRecurringItem extends Model {
  @OrNull() @IsString() partNumber!: string | null;
  @OrNull() @IsString() friendlyName!: string | null;
  @OrNull() @IsString() description!: string | null;
  @OrNull() @ValidateNested() @Type(() => ModelRef) customer!: ModelRef | null;
  @IsNumber() quantity!: number;
  @OrNull() @ValidateNested() @Type(() => Pricing) pricing!: Pricing | null;
  @OrNull() @IsISO8601() effectiveDate!: string | null;
  @OrNull() @IsISO8601() expiryDate!: string | null;
}

/** CMP does not sell one-off items, so the list is empty and none can be ordered. CMP's one-off charges are on its invoices. */
@AllowApiKey()
@UseInterceptors(Work365Translation)
@Controller('nonrecurringitems')
export class NonRecurringItemsController {
  @Get()
  @Describe('Always empty, because CMP has no one-off items.', { returns: NonRecurringItem, list: 'array' })
  list(): NonRecurringItem[] {
    return [];
  }

  @Post()
  @HttpCode(204)
  @Describe('Rejects every item; an empty list is accepted.')
  @NotAudited('It changes nothing.')
  order(@CurrentApiKey() client: Work365Client, @Req() { body }: FastifyRequest): void {
    if (!Array.isArray(body))
      throw invalidInput([{ field: '', message: 'the body must be a list of items' }]);
    client.requireActive();
    if (body.length > 0)
      throw new WriteRefused(
        'non-recurring-item.not-supported',
        'CMP has no one-off items to order.',
        'Order a subscription, or charge the item in Work 365 without a provider.',
      );
  }
}
