import type { SubscriptionState } from '../domain/subscription/subscription-record.ts';

/** A subscription as it is stored. */
export interface SubscriptionRow {
  id: string;
  tenantId: string;
  connectorId: string;
  cmpSubscriptionId: string;
  cmpAccountId: string;
  providerAccountId: string | null;
  name: string;
  friendlyName: string | null;
  status: string;
  state: SubscriptionState;
  billingContractId: string | null;
  endedAt: Date | null;
  version: number;
}

export const subscriptionColumns = `s.id, s.tenant_id as "tenantId", s.connector_id as "connectorId",
  s.cmp_subscription_id as "cmpSubscriptionId", s.cmp_account_id as "cmpAccountId", s.provider_account_id as "providerAccountId",
  s.name, s.friendly_name as "friendlyName", s.status, s.state, s.billing_contract_id as "billingContractId",
  s.ended_at as "endedAt", s.version`;
