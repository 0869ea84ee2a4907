import { Conditions, type TenantRows } from '@isthmus/service-kit';

export interface PriceListRow {
  id: string;
  currency: string;
  type: string;
  model: string;
  lowerLimit: number;
  amount: string | null;
  cost: string | null;
  effectiveFrom: Date;
  effectiveTo: Date | null;
}

/** The price list of a product: as it was at a time, or all of its history, newest first. */
export function listPrices(rows: TenantRows, productId: string, at?: string): Promise<PriceListRow[]> {
  const where = new Conditions('e.tenant_id = $1')
    .when(productId, (id) => `e.product_id = ${id}`)
    .when(
      at,
      (time) =>
        `e.effective_from <= ${time}::timestamptz and coalesce(e.effective_to > ${time}::timestamptz, true)`,
    );
  return rows.select(
    `select e.id, e.currency, e.type, e.model, e.lower_limit::float8 as "lowerLimit", e.amount, e.cost,
       e.effective_from as "effectiveFrom", e.effective_to as "effectiveTo"
     from price_list_entries e where ${where} order by e.effective_from desc, e.currency, e.type, e.lower_limit`,
    where.values,
  );
}
