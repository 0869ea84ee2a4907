import { Injectable } from '@nestjs/common';
import {
  ListInvoiceLines,
  ListInvoices,
  ReadInvoice,
  type InvoiceV1,
  type RatedLineKind,
  type RatedLineV1,
} from '@isthmus/contracts';
import { DomainError } from '@isthmus/domain';
import { RequestClient } from '@isthmus/messaging';
import { isUUID } from 'class-validator';
import { allPages } from '../all-pages.ts';
import { PartNumbers } from '../subscriptions/part-numbers.service.ts';
import { ReportedLineStore } from '../subscriptions/reported-lines.store.ts';
import type { ConnectorRef } from '../work365/work365-client.ts';
import { WriteIntentStore } from '../write-intents/write-intents.store.ts';

/** The connector has no invoice of this id. */
class InvoiceNotFound extends DomainError {
  static override readonly code = 'invoice.not-found';

  constructor(invoiceId: string) {
    super(`Invoice Id ${invoiceId} not found`, { nextStep: 'Use an id from GET /v1/invoices.' });
  }
}

export interface Lines {
  lines: RatedLineV1[];
  /** The id under which clients know the subscription of a line, if the line names one. */
  subscriptionIdOf: (line: RatedLineV1) => string | undefined;
}

/** Invoices of CMP. Those whose lines do not add up to their total are left out, so that nobody bills by them. */
@Injectable()
export class InvoiceReader {
  constructor(
    private readonly requests: RequestClient,
    private readonly intents: WriteIntentStore,
    private readonly reported: ReportedLineStore,
    private readonly partNumbers: PartNumbers,
  ) {}

  all({ tenantId, connectorId }: ConnectorRef): Promise<InvoiceV1[]> {
    return allPages(
      (cursor) => this.requests.request(ListInvoices, { tenantId, connectorId, cursor }),
      ({ invoices }) => invoices,
    );
  }

  /** @throws InvoiceNotFound; RequestRefused with the code of account-sync for an unbalanced one */
  async one({ tenantId, connectorId }: ConnectorRef, invoiceId: string): Promise<InvoiceV1> {
    if (!isUUID(invoiceId)) throw new InvoiceNotFound(invoiceId);
    const { invoice } = await this.requests.request(ReadInvoice, { tenantId, connectorId, invoiceId });
    if (!invoice) throw new InvoiceNotFound(invoiceId);
    return invoice;
  }

  /** Lines of an invoice, or those that are not on one yet. */
  async lines(connector: ConnectorRef, kind: RatedLineKind, invoiceId?: string): Promise<Lines> {
    const { tenantId, connectorId } = connector;
    const found = await allPages(
      (cursor) => this.requests.request(ListInvoiceLines, { tenantId, connectorId, invoiceId, kind, cursor }),
      (page) => page.lines,
    );
    const named = found.flatMap(({ providerSubscriptionId }) => providerSubscriptionId ?? []);
    const [bought, entryOf] = await Promise.all([
      this.intents.boughtSubscriptions(connector),
      this.reported.entryOf(connector, named),
    ]);
    return {
      lines: kind === 'usage' ? found : await this.partNumbers.ofLines(connector, found, bought),
      subscriptionIdOf: ({ providerSubscriptionId: id, ...line }) => {
        const entryId = id && (entryOf(id, line) ?? id);
        return entryId && (bought.get(entryId)?.id ?? entryId);
      },
    };
  }
}
