import { Injectable } from '@nestjs/common';
import { inTransaction } from '@isthmus/sync-engine';
import { Pool } from 'pg';
import { ContractNotOfAccount } from '../domain/subscription/contract-not-of-account.error.ts';
import { changeSubscription, lockSubscription, type OwnFields } from './change-subscription.ts';
import { isContractOfAccount } from './contract-of-account.ts';
import type { SubscriptionRow } from './subscription-row.ts';

/** The subscriptions as people and other services change them without CMP. */
@Injectable()
export class Subscriptions {
  constructor(private readonly pool: Pool) {}

  /**
   * Changes what is ours, friendly name and billing contract, in one transaction with its history and event.
   * @param by the subject of a person, or the name of a service
   * @param check looks at the locked row first; what it throws changes nothing
   * @throws SubscriptionNotFound, ContractNotOfAccount
   */
  change(
    tenantId: string,
    id: string,
    fields: OwnFields,
    by: { subject: string; correlationId: string },
    check?: (row: SubscriptionRow) => void,
  ): Promise<SubscriptionRow> {
    return inTransaction(this.pool, async (client) => {
      const row = await lockSubscription(client, tenantId, id);
      check?.(row);
      const { billingContractId } = fields;
      if (billingContractId && !(await isContractOfAccount(client, row, billingContractId)))
        throw new ContractNotOfAccount(id, billingContractId);
      return changeSubscription(client, row, fields, by);
    });
  }
}
