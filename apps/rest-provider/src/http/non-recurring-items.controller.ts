import { Controller, Get, HttpCode, Post, Req, UseInterceptors } from '@nestjs/common';
import { AllowApiKey, CurrentKey, Describe, invalidInput } from '@isthmus/service-kit';
import type { FastifyRequest } from 'fastify';
import { WriteRefused } from '../domain/errors.ts';
import { NonRecurringItem } from './non-recurring-item.dto.ts';
import { Work365Client } from './work365-client.ts';
import { SpeakWork365 } from './work365.interceptor.ts';

/** CMP sells nothing once: there are none, and none can be ordered. What CMP charges once is on its invoices. */
@AllowApiKey()
@UseInterceptors(SpeakWork365)
@Controller('nonrecurringitems')
export class NonRecurringItemsController {
  @Get()
  @Describe('None: CMP has no one-off items of its own.', { returns: NonRecurringItem, list: 'array' })
  list(): NonRecurringItem[] {
    return [];
  }

  @Post()
  @HttpCode(204)
  @Describe('Refuses every item; an empty list is taken.')
  order(@CurrentKey() client: Work365Client, @Req() { body }: FastifyRequest): void {
    if (!Array.isArray(body))
      throw invalidInput([{ field: '', message: 'the body must be a list of items' }]);
    client.requireActive();
    if (body.length > 0)
      throw new WriteRefused(
        'non-recurring-item.not-supported',
        'CMP has no one-off items that could be ordered.',
        'Order a subscription, or charge the item in Work 365 without a provider.',
      );
  }
}
