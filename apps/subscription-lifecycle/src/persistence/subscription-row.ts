import type { SubscriptionState } from '../domain/subscription/subscription-record.ts';

/**
 * Who decided on the billing contract of a subscription. `default`: nobody; without a contract it joins the default one.
 * `manual`: a person. `transferred`: it was unassigned because it moved to another customer, and waits for a person.
 */
export const assignments = ['default', 'manual', 'transferred'] as const;
export type Assignment = (typeof assignments)[number];

/** A subscription as it is stored. */
export interface SubscriptionRow {
  id: string;
  tenantId: string;
  connectorId: string;
  cmpSubscriptionId: string;
  cmpAccountId: string;
  providerAccountId: string | null;
  /** Null while the account has not been listed. */
  accountName: string | null;
  name: string;
  friendlyName: string | null;
  status: string;
  state: SubscriptionState;
  billingContractId: string | null;
  assignment: Assignment;
  /** Whether its creation has been published; nothing else of it is published before. */
  announced: boolean;
  endedAt: Date | null;
  version: number;
}

export const subscriptionColumns = `s.id, s.tenant_id as "tenantId", s.connector_id as "connectorId",
  s.cmp_subscription_id as "cmpSubscriptionId", s.cmp_account_id as "cmpAccountId", s.provider_account_id as "providerAccountId",
  (select a.name from provider_accounts a where a.id = s.provider_account_id and a.tenant_id = s.tenant_id) as "accountName",
  s.name, s.friendly_name as "friendlyName", s.status, s.state, s.billing_contract_id as "billingContractId",
  s.assignment, s.announced, s.ended_at as "endedAt", s.version`;
