import { Allow, Answer, CurrentUser, Describe, Principal, UuidParam } from '@isthmus/service-kit';
import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { PlaceOrder } from '../orders/orders.dto.ts';
import { QuoteView, showQuote } from './quotes.dto.ts';
import { QuoteService } from './quotes.service.ts';

@Controller('v1/quotes')
export class QuotesController {
  constructor(private readonly quotes: QuoteService) {}

  @Post()
  @HttpCode(201)
  @Allow('operator')
  @Describe('Returns the cost and effect of an order, or why it would be refused; nothing is ordered.', {
    returns: QuoteView,
    status: 201,
  })
  async quote(
    @CurrentUser() { tenantId, subject }: Principal,
    @Body() body: PlaceOrder,
  ): Promise<Answer<QuoteView>> {
    const row = await this.quotes.quote(tenantId, body, subject);
    return Answer.created(`/v1/quotes/${row.id}`, showQuote(row));
  }

  @Get(':id')
  @Allow('viewer')
  @Describe('One quote; available until a day after it has expired.', { returns: QuoteView })
  async read(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<QuoteView> {
    return showQuote(await this.quotes.read(tenantId, id));
  }
}
