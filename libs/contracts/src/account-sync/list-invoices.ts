import { Type } from 'class-transformer';
import { IsArray, IsOptional, Length, ValidateNested } from 'class-validator';
import { Ask } from '../ask-contract.ts';
import { InvoiceQuestion, InvoiceV1 } from './rated-line.ts';

/** The answer to ListInvoices. */
export class ListedInvoices {
  @IsArray() @ValidateNested({ each: true }) @Type(() => InvoiceV1) invoices!: InvoiceV1[];
  /** To be given back for what follows; absent on the last page. */
  @IsOptional() @Length(1, 1000) nextCursor?: string;
}

@Ask({
  subject: 'ask.account-sync.list-invoices',
  service: 'account-sync',
  summary: 'The invoices of a connector, the newest first, 500 at a time.',
})
export class ListInvoices extends InvoiceQuestion {
  static readonly answer = ListedInvoices;
  @IsOptional() @Length(1, 1000) cursor?: string;
}
