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
import { ReportedLines } from '../persistence/reported-lines.ts';
import { allPages } from './ask-all.ts';
import { PartNumbers } from './part-numbers.ts';

export interface Lines {
  lines: RatedLineV1[];
  /** The id under which our clients know the subscription of a line, if the line names one. */
  subscriptionIdOf: (line: RatedLineV1) => string | undefined;
}

/** Invoices of CMP. Those whose lines do not add up to their total are left out: nobody should bill by them. */
@Injectable()
export class ReadInvoices {
  constructor(
    private readonly asker: Asker,
    private readonly intents: Intents,
    private readonly reported: ReportedLines,
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
    const named = found.flatMap(({ providerSubscriptionId }) => providerSubscriptionId ?? []);
    const [bought, entryOf] = await Promise.all([
      this.intents.bought(owner),
      this.reported.entryOf(owner, named),
    ]);
    return {
      lines: kind === 'usage' ? found : await this.partNumbers.ofLines(owner, found, bought),
      subscriptionIdOf: ({ providerSubscriptionId: id, ...line }) => {
        const entryId = id && (entryOf(id, line) ?? id);
        return entryId && (bought.get(entryId)?.id ?? entryId);
      },
    };
  }
}
