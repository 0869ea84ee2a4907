import type { MicrosoftTenantV1 } from '@isthmus/contracts';
import { isEmail, isUUID } from 'class-validator';
import { classifyProduct, type ProductSigns } from '../../subscriptions/rules/product-line.ts';
import type { OrderParameter } from '../order.ts';

export const attestationParameter = 'partner_on_record_attestation_accepted';

/** In the form that CMP accepts once the reseller has attested to being the partner of record. */
export const acceptedAttestation: OrderParameter = {
  name: attestationParameter,
  structured_value: { attestation_accepted: true },
};

export const isMicrosoft = ({ vendor = '' }: ProductSigns): boolean => /^microsoft/i.test(vendor.trim());

/** Some new commerce products have MPNs in another format; their plan or name then identifies them, as in `(NCE COM MTH)`. */
export const isNewCommerce = (product: ProductSigns): boolean =>
  isMicrosoft(product) &&
  (classifyProduct(product) === 'nce' ||
    [product.serviceName, product.name].some((text) => /(^|[^a-z])nce([^a-z]|$)/i.test(text ?? '')));

/** True if the order lacks something that only the customer's Microsoft tenant provides. */
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

/** Where the platform has the value of a parameter from. `account`: from the provider account, in account-sync. */
export const parameterSources = [
  'account',
  'agreement',
  'earlier-purchase',
  'partner-attestation',
  'default',
] as const;
export type ParameterSource = (typeof parameterSources)[number];

/** A parameter that the platform adds to a purchase. */
export interface FilledParameter {
  parameter: OrderParameter;
  from: ParameterSource;
}

/** The customer's Microsoft tenant: by its domain, or by its id alone. */
export interface KnownTenant extends Omit<MicrosoftTenantV1, 'domain'> {
  domain?: string | undefined;
  tenantId?: string | undefined;
  /** Its account, if left out. */
  from?: 'account' | 'earlier-purchase';
}

/**
 * What a purchase from Microsoft needs in addition to the parameters given, as far as the customer's tenant provides it. New
 * commerce takes the whole domain of an existing tenant, or of a new one with the signatory of the agreement; legacy products
 * take the domain in the form defined by the rules. Nothing for other vendors. Source: Office365 Channel Operations Guide.
 */
export function filledFromTenant(
  product: ProductSigns,
  given: readonly OrderParameter[],
  tenant: KnownTenant | null,
  rules: TenantRules,
): FilledParameter[] {
  if (!tenant || !tenantMissing(product, given, rules)) return [];
  const { domain, tenantId, exists, agreement, from = 'account' } = tenant;
  const filled = (name: string, value: string, source: ParameterSource = from): FilledParameter => ({
    parameter: { name, value },
    from: source,
  });
  if (!isNewCommerce(product)) {
    if (domain === undefined) return [];
    const short = domain.toLowerCase().endsWith(rules.domainSuffix)
      ? domain.slice(0, -rules.domainSuffix.length)
      : domain;
    return [filled(rules.legacyDomainParameter, rules.legacyDomain === 'prefix' ? short : domain)];
  }
  const chosen = given.find(({ name }) => name === 'tenant_preference')?.value;
  const preference = chosen ?? (!exists && agreement ? 'new' : 'existing');
  const names = new Set(given.map(({ name }) => name));
  return [
    filled('tenant_preference', preference, preference === 'new' ? 'agreement' : exists ? from : 'default'),
    ...(domain === undefined ? [] : [filled('microsoft_domain', domain)]),
    ...(domain === undefined && tenantId ? [filled('microsoft_tenant_id', tenantId)] : []),
    ...(preference === 'new' && agreement ? accepted(agreement) : []).map(({ name, value }) =>
      filled(name, value, 'agreement'),
    ),
  ].filter(({ parameter: { name } }) => !names.has(name));
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

/** Rules that differ between marketplaces, or are not documented publicly. */
export interface TenantRules {
  /** `.onmicrosoft.com`, or that of a sovereign cloud. */
  domainSuffix: string;
  /** The format in which legacy Office 365 expects its domain; New Zealand uses the full one. */
  legacyDomain: 'prefix' | 'full';
  /** The parameter with a legacy product's domain. */
  legacyDomainParameter: string;
  /** True if a purchase must name its Microsoft tenant; otherwise CMP is expected to know it. */
  tenantNeeded: boolean;
  /** True if a purchase needs the partner-of-record attestation. */
  attestationNeeded: boolean;
}

export const defaultTenantRules: TenantRules = {
  domainSuffix: '.onmicrosoft.com',
  legacyDomain: 'prefix',
  legacyDomainParameter: 'domain',
  tenantNeeded: true,
  attestationNeeded: false,
};

/** The problem with one parameter, as text that follows its name. */
export interface ParameterError {
  name: string;
  message: string;
  /** It is required and was not given. */
  isMissing?: true;
}

/** The problem with a parameter's value, as text; undefined if it is valid. */
type Form = (parameter: OrderParameter, now: number) => string | null;

const hour = 3_600_000;

const text =
  (check: (value: string, now: number) => string | null): Form =>
  ({ value }, now) =>
    value === undefined || value.trim() === '' ? 'must have a string as its value' : check(value, now);

const oneOf = (...values: string[]): Form =>
  text((value) => (values.includes(value) ? null : `must be ${values.join(' or ')} (case-sensitive)`));

const anyText: Form = text(() => null);

const guid: Form = text((value) => (isUUID(value) ? null : 'must be a GUID'));

const email: Form = text((value) => (isEmail(value) ? null : 'must be an e-mail address'));

/** A tenant's first domain consists of letters and digits only; some older tenants have hyphens. Source: Microsoft Learn. */
const fullDomain = (suffix: string): Form =>
  text((value) => {
    const label = value.toLowerCase().endsWith(suffix) ? value.slice(0, -suffix.length) : '';
    return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(label)
      ? null
      : `must be the whole domain, such as fabrikam${suffix}`;
  });

/** Source: Ingram Micro's examples for Office 365: "do not include '.onmicrosoft.com'". */
const domainPrefix = (suffix: string): Form =>
  text((value) =>
    /^[a-z0-9]{1,27}$/i.test(value)
      ? null
      : `must be the domain without ${suffix}: 1 to 27 letters and digits, such as fabrikam`,
  );

/** `MM-DD-YYYY`, a date that has begun somewhere on earth. */
const pastDay: Form = text((value, now) => {
  const [, month, day, year] = /^(\d{2})-(\d{2})-(\d{4})$/.exec(value) ?? [];
  if (!year) return 'must be a date as MM-DD-YYYY';
  const at = new Date(`${year}-${month}-${day}T00:00:00Z`);
  if (Number.isNaN(at.getTime()) || at.getUTCDate() !== Number(day))
    return `${value} is not a date, as MM-DD-YYYY`;
  return at.getTime() > now + 14 * hour ? `${value} is in the future` : null;
});

/** `{ attestation_accepted: boolean }`, and true where it has to be. */
const attestation =
  (mustBeAccepted: boolean): Form =>
  ({ structured_value }) => {
    const accepted = (structured_value as { attestation_accepted?: unknown } | undefined)
      ?.attestation_accepted;
    if (typeof accepted !== 'boolean')
      return 'requires the structured_value { "attestation_accepted": true or false }';
    return mustBeAccepted && !accepted ? 'must be accepted' : null;
  };

/** Microsoft Customer Agreement: who accepted it, and when. */
const agreement: Record<string, Form> = {
  mca_acceptance: oneOf('yes'),
  agreement_date: pastDay,
  first_name_agreement: anyText,
  last_name_agreement: anyText,
  email_address_agreement: email,
};

/** The parameters with which a new tenant's agreement is accepted. */
export const agreementParameters: readonly string[] = Object.keys(agreement);

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
 * All problems with the parameters of a purchase from Microsoft, found before any call to CMP; none for a product that is
 * not Microsoft's. Parameters without a rule here are left to CMP. Names as in the Office365 Channel Operations Guide.
 */
export function tenantParameterErrors(
  product: ProductSigns,
  parameters: readonly OrderParameter[],
  rules: TenantRules,
  now: number,
): ParameterError[] {
  const line = classifyProduct(product);
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
  const problem = (message: string) => [{ name, message }];
  if (all.findIndex((one) => one.name === name) < n) return problem('occurs twice');
  if (!Object.hasOwn(forms, name)) {
    const meant = Object.keys(forms).find((known) => known.toLowerCase() === name.toLowerCase());
    return meant ? problem(`is written ${meant}`) : [];
  }
  const message = forms[name]!(parameter, now);
  return message === null ? [] : problem(message);
}

/** Parameters that a new or an existing tenant requires and that were not given. */
function missing(parameters: readonly OrderParameter[], rules: TenantRules): ParameterError[] {
  const given = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  const isNew = given.get('tenant_preference')?.value === 'new';
  const errors: ParameterError[] = [];
  const need = (name: string, why: string) =>
    given.has(name) || errors.push({ name, message: `is required for ${why}`, isMissing: true });
  if (isNew) {
    need('microsoft_domain', 'a new tenant');
    if (given.has('microsoft_tenant_id'))
      errors.push({ name: 'microsoft_tenant_id', message: 'must be left out: a new tenant has no id yet' });
  } else if (rules.tenantNeeded && !given.has('microsoft_domain'))
    need('microsoft_tenant_id', 'an existing tenant, or its microsoft_domain');
  if (isNew || given.has('mca_acceptance'))
    for (const name of agreementParameters)
      need(name, isNew ? 'a new tenant' : 'the acceptance of the agreement');
  if (rules.attestationNeeded) need('partner_on_record_attestation_accepted', 'every purchase');
  return errors;
}
