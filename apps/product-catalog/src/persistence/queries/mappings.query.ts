import type { TenantRows } from '@isthmus/service-kit';
import type { MappingSource } from '../../domain/part-number-mapping.entity.ts';

export interface MappingRow {
  id: string;
  connectorId: string;
  partNumber: string;
  billingPeriod: string;
  term: string;
  productId: string | null;
  alias: boolean;
  version: number;
  source: MappingSource;
  reason: string;
  mappedBy: string;
  mappedAt: Date | string;
  endedBy: string | null;
  endedAt: Date | string | null;
  endReason: string | null;
}

const select = `
  select m.id, m.connector_id as "connectorId", m.part_number as "partNumber", m.billing_period as "billingPeriod", m.term,
    m.product_id as "productId", m.alias, m.version, m.source, m.reason, m.mapped_by as "mappedBy", m.mapped_at as "mappedAt",
    m.ended_by as "endedBy", m.ended_at as "endedAt", m.end_reason as "endReason"
  from part_number_mappings m`;

/** Every mapping a part number ever had, newest first. */
export function mappingHistory(rows: TenantRows, connectorId: string, key: string): Promise<MappingRow[]> {
  return rows.select(
    `${select} where m.tenant_id = $1 and m.connector_id = $2 and m.part_number_key = $3
     order by m.mapped_at desc, m.version desc limit 1000`,
    [connectorId, key],
  );
}

/** The one in force for exactly these periods. */
export async function mappingInForce(
  rows: TenantRows,
  {
    connectorId,
    key,
    billingPeriod,
    term,
  }: { connectorId: string; key: string; billingPeriod: string; term: string },
): Promise<MappingRow | undefined> {
  const [row] = await rows.select<MappingRow>(
    `${select} where m.tenant_id = $1 and m.connector_id = $2 and m.part_number_key = $3 and m.billing_period = $4
       and m.term = $5 and m.ended_at is null`,
    [connectorId, key, billingPeriod, term],
  );
  return row;
}
