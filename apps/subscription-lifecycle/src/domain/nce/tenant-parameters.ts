import type { OrderParameter } from '../order/order-ask.ts';
import { productLineOf, type ProductSigns } from './product-line.ts';
import {
  anyText,
  attestation,
  domainPrefix,
  email,
  fullDomain,
  guid,
  oneOf,
  pastDay,
  type Form,
} from './tenant-parameter-forms.ts';

/** Where marketplaces differ, or nobody public knows. */
export interface TenantRules {
  /** `.onmicrosoft.com`, or that of a sovereign cloud. */
  domainSuffix: string;
  /** How legacy Office 365 wants its domain; New Zealand takes the full one. */
  legacyDomain: 'prefix' | 'full';
  /** The parameter with a legacy product's domain. */
  legacyDomainParameter: string;
  /** Whether a purchase must name its tenant; otherwise CMP is left to know it. */
  tenantNeeded: boolean;
  /** Whether a purchase needs the partner-of-record attestation. */
  attestationNeeded: boolean;
}

export const defaultTenantRules: TenantRules = {
  domainSuffix: '.onmicrosoft.com',
  legacyDomain: 'prefix',
  legacyDomainParameter: 'domain',
  tenantNeeded: true,
  attestationNeeded: false,
};

/** What is wrong with one parameter, in words that follow its name. */
export interface ParameterError {
  name: string;
  message: string;
}

/** Microsoft Customer Agreement: who accepted it, and when. */
const agreement: Record<string, Form> = {
  mca_acceptance: oneOf('yes'),
  agreement_date: pastDay,
  first_name_agreement: anyText,
  last_name_agreement: anyText,
  email_address_agreement: email,
};

const newCommerce = ({ domainSuffix }: TenantRules): Record<string, Form> => ({
  tenant_preference: oneOf('new', 'existing'),
  microsoft_domain: fullDomain(domainSuffix),
  microsoft_tenant_id: guid,
  ...agreement,
  partner_on_record_attestation_accepted: attestation(true),
  offer_attestation: attestation(false),
  special_qualifications: anyText,
});

function legacy({ legacyDomain, legacyDomainParameter, domainSuffix }: TenantRules): Record<string, Form> {
  const form = legacyDomain === 'prefix' ? domainPrefix(domainSuffix) : fullDomain(domainSuffix);
  return { [legacyDomainParameter]: form, microsoft_domain: form };
}

/**
 * All that is wrong with the parameters of a purchase from Microsoft, before CMP is asked; none of a product that is not
 * Microsoft's. Parameters without a rule here are left to CMP. Names as in the Office365 Channel Operations Guide.
 */
export function tenantParameterErrors(
  product: ProductSigns,
  parameters: readonly OrderParameter[],
  rules: TenantRules,
  now: number,
): ParameterError[] {
  const line = productLineOf(product);
  if (line !== 'nce' && line !== 'legacy') return [];
  const forms = line === 'nce' ? newCommerce(rules) : legacy(rules);
  return [
    ...parameters.flatMap((parameter, n) => wrong(parameter, n, parameters, forms, now)),
    ...(line === 'nce' ? missing(parameters, rules) : []),
  ];
}

function wrong(
  parameter: OrderParameter,
  n: number,
  all: readonly OrderParameter[],
  forms: Record<string, Form>,
  now: number,
): ParameterError[] {
  const { name } = parameter;
  const say = (message: string) => [{ name, message }];
  if (all.findIndex((one) => one.name === name) < n) return say('is given twice');
  if (!Object.hasOwn(forms, name)) {
    const meant = Object.keys(forms).find((known) => known.toLowerCase() === name.toLowerCase());
    return meant ? say(`is written ${meant}`) : [];
  }
  const message = forms[name]!(parameter, now);
  return message === null ? [] : say(message);
}

/** What a new or an existing tenant needs and was not given. */
function missing(parameters: readonly OrderParameter[], rules: TenantRules): ParameterError[] {
  const given = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  const isNew = given.get('tenant_preference')?.value === 'new';
  const errors: ParameterError[] = [];
  const need = (name: string, why: string) =>
    given.has(name) || errors.push({ name, message: `is needed for ${why}` });
  if (isNew) {
    need('microsoft_domain', 'a new tenant');
    if (given.has('microsoft_tenant_id'))
      errors.push({ name: 'microsoft_tenant_id', message: 'must be left out: a new tenant has no id yet' });
  } else if (rules.tenantNeeded && !given.has('microsoft_domain'))
    need('microsoft_tenant_id', 'an existing tenant, or its microsoft_domain');
  if (isNew || given.has('mca_acceptance'))
    for (const name of Object.keys(agreement))
      need(name, isNew ? 'a new tenant' : 'the acceptance of the agreement');
  if (rules.attestationNeeded) need('partner_on_record_attestation_accepted', 'every purchase');
  return errors;
}
