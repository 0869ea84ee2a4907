import type { CommandedParameterV1 } from '@isthmus/contracts';
import { PartNumber } from '@isthmus/domain';
import type { Signatory } from './agreement.entity.ts';

/** Work 365 may have added how it is billed. */
const newCommerce = /^CFQ7TTC0[0-9A-Z]{4}:[0-9A-Z]{4}(_ANNUAL|_MONTHLY)?$/i;
const suffix = /\.onmicrosoft\.com$/i;

/** What is known of the customer's Microsoft tenant. */
export interface KnownTenant {
  /** `x.onmicrosoft.com`. */
  domain: string;
  /** Whether a subscription of the customer shows it. */
  exists: boolean;
  /** Microsoft's agreement, as accepted by the customer. */
  agreement: { signedBy: Signatory; signedOn: Date } | null;
}

/**
 * The parameters of a purchase from Microsoft, which the contract has no fields for. New commerce takes the whole domain
 * of an existing tenant, or of a new one with the agreement's signatory; legacy products take the domain's first part.
 * Source: Office365 Channel Operations Guide, as CMP's connector follows it.
 */
export function purchaseParameters(partNumber: string, tenant: KnownTenant | null): CommandedParameterV1[] {
  const { vendor, mpn } = PartNumber.parse(partNumber);
  if (!tenant || vendor.toUpperCase() !== 'MICROSOFT') return [];
  const { domain, exists, agreement } = tenant;
  if (!newCommerce.test(mpn)) return [{ name: 'domain', value: domain.replace(suffix, '') }];
  const preference = !exists && agreement ? 'new' : 'existing';
  return [
    { name: 'tenant_preference', value: preference },
    { name: 'microsoft_domain', value: domain },
    ...(preference === 'new' && agreement ? accepted(agreement) : []),
  ];
}

function accepted({ signedBy, signedOn }: NonNullable<KnownTenant['agreement']>): CommandedParameterV1[] {
  const [year, month, day] = signedOn.toISOString().slice(0, 10).split('-');
  return [
    { name: 'mca_acceptance', value: 'yes' },
    { name: 'agreement_date', value: `${month}-${day}-${year}` },
    { name: 'first_name_agreement', value: signedBy.firstName ?? '' },
    { name: 'last_name_agreement', value: signedBy.lastName ?? '' },
    { name: 'email_address_agreement', value: signedBy.email ?? '' },
  ];
}
