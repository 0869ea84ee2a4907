import { schemaDifferences } from '@isthmus/testing';
import { accountSyncOptions } from './account-sync.module.ts';

const withoutEntity = [
  // Read and written by SQL alone, each in one store.
  'table account_creations',
  'table rated_rows',
  'table report_formats',
  'table sync_seen',
  // The entities are not related: contracts are read by SQL, and nothing loads the account with them.
  'billing_contracts: FOREIGN KEY (tenant_id, tenant_account_id) REFERENCES tenant_accounts(tenant_id, id)',
];

it('has what the entities declare, and nothing else but tables that only SQL uses', async () => {
  const { wrong, undeclared } = await schemaDifferences(accountSyncOptions);
  expect(wrong).toEqual([]);
  expect(undeclared.toSorted()).toEqual(withoutEntity.toSorted());
});
