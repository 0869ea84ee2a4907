import { invoiceBalances, ratedLineKinds, type InvoiceBalance, type RatedLineKind } from '@isthmus/contracts';
import { IfGiven, PageQuery, QueryFlag } from '@isthmus/service-kit';
import { IsIn, IsUUID } from 'class-validator';

export class InvoiceQuery extends PageQuery {
  @IfGiven() @IsUUID() connectorId?: string;
  @IfGiven() @IsIn(invoiceBalances) balance?: InvoiceBalance;
}

/** Of one invoice. */
export class InvoiceLineQuery extends PageQuery {
  @IfGiven() @IsIn(ratedLineKinds) kind?: RatedLineKind;
  /** `false`: only those that are no known account's. */
  @IfGiven() @QueryFlag() matched?: boolean;
}

export class RatedLineQuery extends InvoiceLineQuery {
  @IfGiven() @IsUUID() connectorId?: string;
  /** Only what is on no invoice yet. */
  @IfGiven() @QueryFlag() unbilled?: boolean;
}

export class RatedReportQuery extends PageQuery {
  @IfGiven() @IsUUID() connectorId?: string;
  @IfGiven() @IsIn(['imported', 'failed']) status?: 'imported' | 'failed';
}
