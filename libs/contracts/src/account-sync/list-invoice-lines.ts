import { Type } from 'class-transformer';
import { IsArray, IsIn, IsOptional, IsUUID, Length, ValidateNested } from 'class-validator';
import { Ask } from '../ask-contract.ts';
import { InvoiceQuestion, RatedLineV1, ratedLineKinds, type RatedLineKind } from './rated-line.ts';

/** The answer to ListInvoiceLines. */
export class ListedInvoiceLines {
  @IsArray() @ValidateNested({ each: true }) @Type(() => RatedLineV1) lines!: RatedLineV1[];
  /** To be given back for what follows; absent on the last page. */
  @IsOptional() @Length(1, 1000) nextCursor?: string;
}

@Ask({
  subject: 'ask.account-sync.list-invoice-lines',
  service: 'account-sync',
  summary:
    'Lines of one kind of an invoice, or without invoiceId those on no invoice yet, 150 at a time. Refused with invoice.not-found, invoice.unbalanced.',
})
export class ListInvoiceLines extends InvoiceQuestion {
  static readonly answer = ListedInvoiceLines;
  /** Absent: what is on no invoice yet. */
  @IsOptional() @IsUUID() invoiceId?: string;
  @IsIn(ratedLineKinds) kind!: RatedLineKind;
  @IsOptional() @Length(1, 1000) cursor?: string;
}
