import { Type } from 'class-transformer';
import { IsOptional, IsUUID, ValidateNested } from 'class-validator';
import { Ask } from '../ask-contract.ts';
import { InvoiceQuestion, InvoiceV1 } from './rated-line.ts';

/** The answer to ReadInvoice; without `invoice` the connector has none of this id. */
export class ReadInvoiceAnswer {
  @IsOptional() @ValidateNested() @Type(() => InvoiceV1) invoice?: InvoiceV1;
}

@Ask({
  subject: 'ask.account-sync.read-invoice',
  service: 'account-sync',
  summary: 'One invoice by our id; refused with invoice.unbalanced unless includeUnbalanced is set.',
})
export class ReadInvoice extends InvoiceQuestion {
  static readonly answer = ReadInvoiceAnswer;
  @IsUUID() invoiceId!: string;
}
