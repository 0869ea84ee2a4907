import type { MicrosoftTenantV1 } from '@isthmus/contracts';
import type { OrderParameter } from '../order/order-ask.ts';
import { productLineOf, type ProductSigns } from './product-line.ts';
import type { TenantRules } from './tenant-parameters.ts';

export const attestationParameter = 'partner_on_record_attestation_accepted';

/** As CMP takes it once the reseller has attested to being the partner of record. */
export const acceptedAttestation: OrderParameter = {
  name: attestationParameter,
  structured_value: { attestation_accepted: true },
};

const isMicrosoft = ({ vendor = '' }: ProductSigns): boolean => /^microsoft/i.test(vendor.trim());

/** Some of new commerce has mpns of another form; then the plan or its name says it, as in `(NCE COM MTH)`. */
export const isNewCommerce = (product: ProductSigns): boolean =>
  isMicrosoft(product) &&
  (productLineOf(product) === 'nce' ||
    [product.serviceName, product.name].some((text) => /(^|[^a-z])nce([^a-z]|$)/i.test(text ?? '')));

/** Whether the order lacks something that only the customer's tenant tells. */
export function tenantMissing(
  product: ProductSigns,
  given: readonly OrderParameter[],
  { legacyDomainParameter }: TenantRules,
): boolean {
  if (!isMicrosoft(product)) return false;
  const names = new Set(given.map(({ name }) => name));
  const named = ['microsoft_domain', isNewCommerce(product) ? 'microsoft_tenant_id' : legacyDomainParameter];
  return !named.some((name) => names.has(name));
}

/**
 * The parameters of a purchase from Microsoft: those given, which win, and what the product needs beside them as far as
 * the customer's tenant tells. New commerce takes the whole domain of an existing tenant, or of a new one with the
 * agreement's signatory; legacy products take the domain in the form that the rules say. Parameters of other vendors
 * are left alone. Source: Office365 Channel Operations Guide.
 */
export function withMicrosoftParameters(
  product: ProductSigns,
  given: readonly OrderParameter[],
  tenant: MicrosoftTenantV1 | null,
  rules: TenantRules,
): OrderParameter[] {
  if (!tenant || !tenantMissing(product, given, rules)) return [...given];
  const { domain, exists, agreement } = tenant;
  if (!isNewCommerce(product)) {
    const short = domain.toLowerCase().endsWith(rules.domainSuffix)
      ? domain.slice(0, -rules.domainSuffix.length)
      : domain;
    const value = rules.legacyDomain === 'prefix' ? short : domain;
    return [...given, { name: rules.legacyDomainParameter, value }];
  }
  const chosen = given.find(({ name }) => name === 'tenant_preference')?.value;
  const preference = chosen ?? (!exists && agreement ? 'new' : 'existing');
  const derived: OrderParameter[] = [
    { name: 'tenant_preference', value: preference },
    { name: 'microsoft_domain', value: domain },
    ...(preference === 'new' && agreement ? accepted(agreement) : []),
  ];
  const names = new Set(given.map(({ name }) => name));
  return [...given, ...derived.filter(({ name }) => !names.has(name))];
}

function accepted({ signedOn, firstName, lastName, email }: NonNullable<MicrosoftTenantV1['agreement']>) {
  const [year, month, day] = new Date(signedOn).toISOString().slice(0, 10).split('-');
  return [
    { name: 'mca_acceptance', value: 'yes' },
    { name: 'agreement_date', value: `${month}-${day}-${year}` },
    { name: 'first_name_agreement', value: firstName ?? '' },
    { name: 'last_name_agreement', value: lastName ?? '' },
    { name: 'email_address_agreement', value: email ?? '' },
  ];
}
