export const intentColumns = `i.id, i.tenant_id as "tenantId", i.connector_id as "connectorId", i.kind, i.key,
  i.own_key as "ownKey", i.in_force as "inForce", i.status, i.customer_id as "customerId",
  i.subscription_id as "subscriptionId", i.wish, i.order_ids as "orderIds", i.orders, i.refusal, i.handed_over as "handedOver",
  i.asked_by as "askedBy", i.created_at as "createdAt", i.finished_at as "finishedAt"`;
