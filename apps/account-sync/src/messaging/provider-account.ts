import type { ProviderAccountV1 } from '@isthmus/contracts';
import { isoTime } from '@isthmus/service-kit';
import type { AccountOfConnectorRow } from '../persistence/queries/accounts-of-connector.query.ts';

/** A provider account in the words of an answer to another service. */
export const tellAccount = (row: AccountOfConnectorRow): ProviderAccountV1 => ({
  providerAccountId: row.id,
  connectorId: row.connectorId,
  cmpAccountId: row.cmpAccountId,
  name: row.name,
  externalId: row.externalId ?? undefined,
  status: row.status,
  email: row.email ?? undefined,
  contactName: row.contactName ?? undefined,
  taxRegId: row.taxRegId ?? undefined,
  address: row.address ?? undefined,
  customDomain: row.customDomain ?? undefined,
  customDomainSeen: row.customDomainSeen,
  customDomainConflicts: row.customDomainConflicts.length ? row.customDomainConflicts : undefined,
  unreadSubscriptions: row.unreadSubscriptions,
  asOf: isoTime(row.asOf),
  goneAt: row.goneAt ? isoTime(row.goneAt) : undefined,
  version: row.version,
});
