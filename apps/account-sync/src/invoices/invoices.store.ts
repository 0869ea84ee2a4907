import type { InvoiceBalance, RatedLineKind } from '@isthmus/contracts';
import { DomainError, PartNumber } from '@isthmus/domain';
import type { CursorKey } from '@isthmus/service-kit';
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { afterPlace } from '../list-query.ts';
import { statements } from '../database.ts';

/** An invoice with the report it was last read from. */
export type InvoiceRow = Awaited<ReturnType<typeof readInvoice>>;

interface InvoiceFilter {
  connectorId?: string;
  balance?: InvoiceBalance;
  /** Leaves unbalanced ones out. */
  soundOnly?: boolean;
}

/** The sort key of the list. */
const place = `coalesce(d.invoice_date, '0001-01-01')`;

const selectInvoices = (em: EntityManager, tenantId: string) =>
  statements(em)
    .selectFrom('RatedDocument as d')
    .innerJoin('RatedReport as r', (join) =>
      join.onRef('r.id', '=', 'd.reportId').onRef('r.tenantId', '=', 'd.tenantId'),
    )
    .select([
      'd.id',
      'd.connectorId',
      'd.number',
      'd.invoiceDate',
      'd.currency',
      'd.statedTotal',
      'd.lineTotal',
      'd.balance',
      'd.balanceDetail',
      'd.lines',
      'd.unmatchedLines',
      'd.repeatedRows',
      'r.cmpId as cmpReportId',
      'r.name as reportName',
      'd.generatedAt',
      'd.createdAt',
      'd.changedAt',
      'd.version',
      sql<string>`${sql.raw(place)}::text`.as('place'),
    ])
    .where('d.tenantId', '=', tenantId)
    .where('d.kind', '=', 'invoice');

/** Ordered newest first; returns `limit + 1` rows if there are more pages. */
export const listInvoices = (
  em: EntityManager,
  tenantId: string,
  { connectorId, balance, soundOnly }: InvoiceFilter,
  after: CursorKey | undefined,
  limit: number,
) =>
  selectInvoices(em, tenantId)
    .$if(connectorId !== undefined, (query) => query.where('d.connectorId', '=', connectorId!))
    .$if(balance !== undefined, (query) => query.where('d.balance', '=', balance!))
    .$if(soundOnly === true, (query) => query.where('d.balance', '<>', 'unbalanced'))
    .where(
      afterPlace(
        after,
        [
          [place, 'date'],
          ['d.id', 'uuid'],
        ],
        '<',
      ),
    )
    .orderBy(sql.raw(place), 'desc')
    .orderBy('d.id', 'desc')
    .limit(limit + 1)
    .execute();

/** @throws InvoiceNotFound */
export async function readInvoice(em: EntityManager, tenantId: string, id: string, connectorId?: string) {
  const row = await selectInvoices(em, tenantId)
    .where('d.id', '=', id)
    .$if(connectorId !== undefined, (query) => query.where('d.connectorId', '=', connectorId!))
    .executeTakeFirst();
  if (!row) throw new InvoiceNotFound(id);
  return row;
}

export class InvoiceNotFound extends DomainError {
  static override readonly code = 'invoice.not-found';
  constructor(readonly invoiceId: string) {
    super(`There is no invoice ${invoiceId}.`, { nextStep: 'Use an id from GET /v1/invoices.' });
  }
}

/** A charge with what is known of its account and its subscription. */
export type RatedLineRow = Awaited<ReturnType<typeof listRatedLines>>[number];

export interface RatedLineFilter {
  connectorId?: string;
  invoiceId?: string;
  kind?: RatedLineKind;
  matched?: boolean;
  /** Only charges that are on no invoice. */
  unbilled?: boolean;
  /** Leaves out the lines of what does not add up. */
  soundOnly?: boolean;
}

const selectLines = (em: EntityManager, tenantId: string) =>
  statements(em)
    .selectFrom('RatedLine as l')
    .innerJoin('RatedDocument as d', (join) =>
      join.onRef('d.id', '=', 'l.documentId').onRef('d.tenantId', '=', 'l.tenantId'),
    )
    .leftJoin('ProviderAccount as a', (join) =>
      join.onRef('a.id', '=', 'l.providerAccountId').onRef('a.tenantId', '=', 'l.tenantId'),
    )
    .leftJoin('ProviderSubscription as s', (join) =>
      join.onRef('s.id', '=', 'l.providerSubscriptionId').onRef('s.tenantId', '=', 'l.tenantId'),
    )
    // The product of the subscription, unless it is known to have none of this mpn.
    .leftJoinLateral(
      sql<{ cmpProductId: string }>`(
        select h.line->>'productId' as "cmpProductId" from json_array_elements(s.lines) as h(line)
        where lower(h.line->>'mpn') = lower(l.mpn) limit 1)`.as('held'),
      (join) => join.onTrue(),
    )
    .select([
      'l.id',
      'l.connectorId',
      'l.documentId',
      sql<string | null>`case when d.kind = 'invoice' then d.id end`.as('invoiceId'),
      'l.rowNo',
      'l.kind',
      // The account's name if there is one, otherwise the report's.
      sql<string>`coalesce(a.name, l.customer_name)`.as('customerName'),
      'l.cmpAccountId',
      'l.cmpSubscriptionId',
      's.name as subscriptionName',
      'l.mpn',
      'l.vendor',
      sql<string | null>`held."cmpProductId"`.as('cmpProductId'),
      sql<string | null>`case when s.lines is null or held."cmpProductId" is not null then s.term end`.as(
        'term',
      ),
      'l.description',
      'l.chargeType',
      'l.orderId',
      'l.chargeStart',
      'l.chargeEnd',
      'l.unitPrice',
      'l.quantity',
      'l.tax',
      'l.discount',
      'l.total',
      'l.currency',
      'l.service',
      'l.resource',
      'l.unit',
      'l.region',
      'l.other',
      'l.billingCycle',
      'l.providerAccountId',
      'l.providerSubscriptionId',
      'l.matchedBy',
      'l.unmatchedReason',
      'l.excludedAt',
      'l.decidedBy',
      'l.decisionReason',
    ])
    .where('l.tenantId', '=', tenantId);

/** Reported before it was billed, and billed since: an invoice charges the same kind of the same product for its first day. */
const billedSince = sql<boolean>`exists (
  select from rated_lines i join rated_documents b on b.id = i.document_id and b.kind = 'invoice'
  where i.tenant_id = l.tenant_id and i.connector_id = l.connector_id and i.cmp_subscription_id = l.cmp_subscription_id
    and i.mpn is not distinct from l.mpn and i.kind = l.kind
    and i.charge_start <= l.charge_start and i.charge_end >= l.charge_start)`;

/** Ordered by document, as in the file; returns `limit + 1` rows if there are more pages. */
export const listRatedLines = (
  em: EntityManager,
  tenantId: string,
  { connectorId, invoiceId, kind, matched, unbilled, soundOnly }: RatedLineFilter,
  after: CursorKey | undefined,
  limit: number,
) =>
  selectLines(em, tenantId)
    .$if(connectorId !== undefined, (query) => query.where('l.connectorId', '=', connectorId!))
    .$if(invoiceId !== undefined, (query) => query.where('l.documentId', '=', invoiceId!))
    .$if(kind !== undefined, (query) => query.where('l.kind', '=', kind!))
    .$if(matched !== undefined, (query) =>
      matched
        ? query.where('l.providerAccountId', 'is not', null)
        : query.where('l.providerAccountId', 'is', null).where('l.excludedAt', 'is', null),
    )
    .$if(unbilled === true, (query) =>
      query.where('d.kind', '=', 'unbilled').where(sql<boolean>`not ${billedSince}`),
    )
    .$if(soundOnly === true, (query) => query.where('d.balance', '<>', 'unbalanced'))
    .where(
      afterPlace(after, [
        ['l.document_id', 'uuid'],
        ['l.row_no', 'int'],
        ['l.id', 'uuid'],
      ]),
    )
    .orderBy('l.documentId')
    .orderBy('l.rowNo')
    .orderBy('l.id')
    .limit(limit + 1)
    .execute();

/** @throws RatedLineNotFound */
export async function readRatedLine(em: EntityManager, tenantId: string, id: string): Promise<RatedLineRow> {
  const row = await selectLines(em, tenantId).where('l.id', '=', id).executeTakeFirst();
  if (!row) throw new RatedLineNotFound(id);
  return row;
}

class RatedLineNotFound extends DomainError {
  static override readonly code = 'rated-line.not-found';
  constructor(id: string) {
    super(`There is no rated line ${id}.`, {
      nextStep:
        'Use an id from GET /v1/rated-lines; a line that a later report no longer contains is deleted.',
    });
  }
}

/** Work 365's part number of a line; undefined if its vendor or MPN is unknown or cannot be part of one. */
export function linePartNumber(vendor: string | null, mpn: string | null): string | undefined {
  if (!vendor || !mpn) return undefined;
  try {
    return PartNumber.print(PartNumber.of(vendor, mpn));
  } catch {
    return undefined;
  }
}
