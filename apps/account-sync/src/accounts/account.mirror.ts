import { clipped, type CmpCustomer, maxNameLength } from '@isthmus/cmp-client';
import {
  ProviderAccountAppearedV1,
  ProviderAccountChangedV1,
  ProviderAccountClosedV1,
} from '@isthmus/contracts';
import { event } from '@isthmus/messaging';
import { type Mirror, mirrorListing, type Phase } from '@isthmus/sync-engine';

/** Provider accounts are CMP's customers. Custom domain, link and sync switch are ours, so they are not among the columns. */
export const accountMirror: Mirror<CmpCustomer> = {
  kind: 'provider-account',
  table: 'provider_accounts',
  columns: [
    { name: 'cmp_id', type: 'text', of: (customer) => customer.id },
    { name: 'name', type: 'text', of: (customer) => customer.name, publishedAs: 'name' },
    { name: 'status', type: 'text', of: (customer) => customer.status, publishedAs: 'status' },
    {
      name: 'external_id',
      type: 'text',
      of: (customer) => customer.externalId ?? null,
      publishedAs: 'externalId',
    },
    { name: 'email', type: 'text', of: (customer) => admin(customer)?.email ?? null, publishedAs: 'email' },
    { name: 'contact_name', type: 'text', of: contactName, publishedAs: 'contactName' },
    {
      name: 'tax_reg_id',
      type: 'text',
      of: (customer) => customer.taxRegId ?? null,
      publishedAs: 'taxRegId',
    },
    {
      name: 'address',
      type: 'json',
      of: ({ address }) => (address ? JSON.stringify(address) : null),
      publishedAs: 'address',
    },
  ],
  cmpIdOf: (customer) => customer.id,
  isLive: (customer) => customer.status !== 'cancelled',
  liveSql: `m.status <> 'cancelled'`,
  derived: { gone_reason: 'null::text' },
  returning: ['custom_domain'],
  event({ kind, id, version, value, changed, changes, stored }, { tenantId, connectorId, asOf }) {
    const facts = { tenantId, aggregateId: id, version };
    const data = {
      connectorId,
      providerAccountId: id,
      cmpAccountId: value.id,
      name: value.name,
      status: value.status,
      customDomain: (stored.custom_domain as string | null) ?? undefined,
      externalId: value.externalId,
      asOf,
    };
    if (kind === 'appeared') return event(ProviderAccountAppearedV1, data, facts);
    if (kind === 'ended') return event(ProviderAccountClosedV1, data, facts);
    return event(ProviderAccountChangedV1, { ...data, changed, changes }, facts);
  },
  noLongerListed(row, { tenantId, connectorId, asOf }) {
    const { id, cmp_id, name, status, custom_domain, external_id, version } = row as Record<string, string>;
    const data = {
      connectorId,
      providerAccountId: id!,
      cmpAccountId: cmp_id!,
      name: name!,
      status: status!,
      customDomain: custom_domain ?? undefined,
      externalId: external_id ?? undefined,
      asOf,
    };
    return event(ProviderAccountClosedV1, data, { tenantId, aggregateId: id!, version: Number(version) });
  },
};

/** CMP's whole customer list, as Work 365's "Sync Provider Accounts" has it. */
export const accountsPhase: Phase = {
  name: 'accounts',
  run: (context) =>
    mirrorListing(context, {
      mirror: accountMirror,
      page: (offset, limit) => context.cmp.customers.page({ offset, limit }, { signal: context.signal }),
    }),
};

/** Returns the administrator; if there are several, the first one by their data, independent of CMP's order. */
function admin({ contactPersons }: CmpCustomer): CmpCustomer['contactPersons'][number] | undefined {
  const admins = contactPersons.filter(({ type }) => type === 'admin');
  const byKey = new Map((admins.length ? admins : contactPersons).map((one) => [contactKey(one), one]));
  return byKey.get([...byKey.keys()].sort()[0] ?? '');
}

const contactKey = ({
  email = '',
  lastName = '',
  firstName = '',
  phoneNumber = '',
}: CmpCustomer['contactPersons'][number]) => [email, lastName, firstName, phoneNumber].join('\u001f');

function contactName(customer: CmpCustomer): string | null {
  const contact = admin(customer);
  const name = [contact?.firstName, contact?.lastName].filter(Boolean).join(' ');
  return clipped(name, maxNameLength) || null;
}
