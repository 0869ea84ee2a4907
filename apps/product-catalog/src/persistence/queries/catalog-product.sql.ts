/** The columns of a `CatalogProduct` over the alias `p`. */
export const catalogProductColumns = `
  p.id, p.cmp_product_id as "cmpProductId", p.vendor, p.mpn, p.vendor_key as "vendorKey", p.mpn_key as "mpnKey", p.name,
  p.service_name as "serviceName", p.billing_period as "billingPeriod", p.term, p.billing_model as "billingModel",
  p.minimum::float8 as minimum, p.maximum::float8 as maximum, p.prices, p.costs, p.depends_on as "dependsOn",
  p.gone_at is not null as withdrawn`;

/** A product's alias in force, over the alias `p`. */
export const aliasOfProduct = `(select m.part_number from part_number_mappings m
  where m.tenant_id = p.tenant_id and m.connector_id = p.connector_id and m.product_id = p.id and m.alias and m.ended_at is null)`;
