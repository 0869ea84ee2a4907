import type { Statements } from '@isthmus/messaging';
import { nothingFixed, type FixedFormat } from '../domain/report-format.ts';

interface Owner {
  tenantId: string;
  connectorId: string;
}

/** What a person has set about the reports of a connector; nothing when nobody has. */
export async function formatOf(on: Statements, { tenantId, connectorId }: Owner): Promise<FixedFormat> {
  const { rows } = await on.query<FixedFormat>(
    `select decimal_separator as "decimalSeparator", date_order as "dateOrder" from report_formats
     where tenant_id = $1 and connector_id = $2`,
    [tenantId, connectorId],
  );
  return rows[0] ?? nothingFixed;
}

export const putFormat = (
  on: Statements,
  { tenantId, connectorId }: Owner,
  { decimalSeparator, dateOrder }: FixedFormat,
  by: string,
): Promise<unknown> =>
  on.query(
    `insert into report_formats (tenant_id, connector_id, decimal_separator, date_order, changed_by, changed_at)
     values ($1, $2, $3, $4, $5, now())
     on conflict (tenant_id, connector_id) do update set decimal_separator = excluded.decimal_separator,
       date_order = excluded.date_order, changed_by = excluded.changed_by, changed_at = excluded.changed_at
     where (report_formats.decimal_separator, report_formats.date_order)
       is distinct from (excluded.decimal_separator, excluded.date_order)`,
    [tenantId, connectorId, decimalSeparator, dateOrder, by],
  );
