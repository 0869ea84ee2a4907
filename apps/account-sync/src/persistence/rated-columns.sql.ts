/** The columns that rated_rows and rated_lines have in common. */
export const lineColumns = `kind, customer_name, cmp_subscription_id, subscription_ref, mpn, vendor, description, charge_type,
  order_id, charge_start, charge_end, unit_price, quantity, tax, discount, total, currency, service, resource, unit, region, other,
  cmp_account_id, account_ref, content`;
