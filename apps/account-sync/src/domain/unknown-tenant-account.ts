import { UnusableField } from './unusable-field.error.ts';

/** The body names a tenant account that is not there: the field is wrong, not the address. */
export const unknownTenantAccount = (id: string): UnusableField =>
  new UnusableField(
    'tenantAccountId',
    `There is no tenant account ${id}.`,
    `PUT /v1/tenant-accounts/${id} first, or name another.`,
  );
