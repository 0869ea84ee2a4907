import { Injectable } from '@nestjs/common';
import {
  ListInvoiceLines,
  ListInvoices,
  ReadInvoice,
  type InvoiceV1,
  type RatedLineKind,
  type RatedLineV1,
} from '@isthmus/contracts';
import { Asker } from '@isthmus/messaging';
import { isUUID } from 'class-validator';
import { InvoiceNotFound } from '../domain/errors.ts';
import { Intents, type Owner } from '../persistence/intents.ts';
import { allPages } from './ask-all.ts';
import { PartNumbers } from './part-numbers.ts';

export interface Lines {
  lines: RatedLineV1[];
  /** Ids of subscriptions as our clients know them, by subscription-lifecycle's. */
  clientIds: ReadonlyMap<string, string>;
}

/** Invoices of CMP. Those whose lines do not add up to their total are left out: nobody should bill by them. */
@Injectable()
export class ReadInvoices {
  constructor(
    private readonly asker: Asker,
    private readonly intents: Intents,
    private readonly partNumbers: PartNumbers,
  ) {}

  all({ tenantId, connectorId }: Owner): Promise<InvoiceV1[]> {
    return allPages(
      (cursor) => this.asker.ask(ListInvoices, { tenantId, connectorId, cursor }),
      ({ invoices }) => invoices,
    );
  }

  /** @throws InvoiceNotFound; WriteRefused-like codes of account-sync for an unbalanced one */
  async one({ tenantId, connectorId }: Owner, invoiceId: string): Promise<InvoiceV1> {
    if (!isUUID(invoiceId)) throw new InvoiceNotFound(invoiceId);
    const { invoice } = await this.asker.ask(ReadInvoice, { tenantId, connectorId, invoiceId });
    if (!invoice) throw new InvoiceNotFound(invoiceId);
    return invoice;
  }

  /** Lines of an invoice, or what is on none yet. */
  async lines(owner: Owner, kind: RatedLineKind, invoiceId?: string): Promise<Lines> {
    const { tenantId, connectorId } = owner;
    const found = await allPages(
      (cursor) => this.asker.ask(ListInvoiceLines, { tenantId, connectorId, invoiceId, kind, cursor }),
      (page) => page.lines,
    );
    const orderedAs = await this.intents.orderedAs(owner);
    const lines = kind === 'usage' ? found : await this.partNumbers.ofLines(owner, found, orderedAs);
    return { lines, clientIds: await this.intents.clientIds(owner) };
  }
}
