import { Controller, Get, Param, UseInterceptors } from '@nestjs/common';
import { AllowApiKey, CurrentKey, Describe } from '@isthmus/service-kit';
import { Work365Client } from '../work365/work365-client.ts';
import { Work365Translation } from '../work365/work365.interceptor.ts';
import {
  ConsumptionLine,
  Invoice,
  LicenseSummary,
  NonRecurringItemSummary,
  toConsumptionLine,
  toInvoice,
  toLicenseSummary,
  toNonRecurringItemSummary,
} from './invoices.dto.ts';
import { InvoiceReader } from './invoices.service.ts';

@AllowApiKey()
@UseInterceptors(Work365Translation)
@Controller()
export class InvoicesController {
  constructor(private readonly invoices: InvoiceReader) {}

  @Get('invoices')
  @Describe('Invoices whose lines add up to their total, newest first.', {
    returns: Invoice,
    list: 'array',
  })
  async list(@CurrentKey() client: Work365Client): Promise<Invoice[]> {
    const invoices = await this.invoices.all(client);
    return invoices.filter(({ balance }) => balance !== 'unbalanced').map(toInvoice);
  }

  @Get('invoices/:id')
  @Describe('One invoice.', { returns: Invoice })
  async read(@CurrentKey() client: Work365Client, @Param('id') id: string): Promise<Invoice> {
    return toInvoice(await this.invoices.one(client, id));
  }

  @Get('invoices/:id/licensesummary')
  @Describe('Licence lines of an invoice.', { returns: LicenseSummary, list: 'array' })
  async licences(@CurrentKey() client: Work365Client, @Param('id') id: string): Promise<LicenseSummary[]> {
    const { number } = await this.invoices.one(client, id);
    const { lines, subscriptionIdOf } = await this.invoices.lines(client, 'licence', id);
    return lines.map((line) => toLicenseSummary(line, subscriptionIdOf, number));
  }

  @Get('invoices/:id/nonrecurringitemsummary')
  @Describe('One-off lines of an invoice.', { returns: NonRecurringItemSummary, list: 'array' })
  async oneOffs(
    @CurrentKey() client: Work365Client,
    @Param('id') id: string,
  ): Promise<NonRecurringItemSummary[]> {
    const { number } = await this.invoices.one(client, id);
    const { lines, subscriptionIdOf } = await this.invoices.lines(client, 'one-off', id);
    return lines.map((line) => toNonRecurringItemSummary(line, subscriptionIdOf, number));
  }

  @Get('invoices/:id/billedusages')
  @Describe('Usage lines of an invoice.', { returns: ConsumptionLine, list: 'array' })
  async billedUsages(
    @CurrentKey() client: Work365Client,
    @Param('id') id: string,
  ): Promise<ConsumptionLine[]> {
    const { number } = await this.invoices.one(client, id);
    const { lines, subscriptionIdOf } = await this.invoices.lines(client, 'usage', id);
    return lines.map((line) => toConsumptionLine(line, subscriptionIdOf, number));
  }

  @Get('unbilledusages')
  @Describe('Usage lines that are not on an invoice yet.', { returns: ConsumptionLine, list: 'array' })
  async unbilledUsages(@CurrentKey() client: Work365Client): Promise<ConsumptionLine[]> {
    const { lines, subscriptionIdOf } = await this.invoices.lines(client, 'usage');
    return lines.map((line) => toConsumptionLine(line, subscriptionIdOf, null));
  }
}
