import type { ResolvedProductV1 } from '@isthmus/contracts';
import { recordAttestation } from '../order.errors.ts';
import type { OrderCommand } from './order-command.ts';
import {
  agreementParameters,
  attestationParameter,
  type FilledParameter,
  isMicrosoft,
  isNewCommerce,
  type ParameterError,
  type ParameterSource,
  tenantParameterErrors,
  type TenantRules,
} from './microsoft-parameters.ts';
import type { EarlierTenant } from './earlier-tenants.store.ts';
import type { Buyer, Filled } from './purchase-sources.service.ts';

/** A purchase whose parameters are asked for, in the fields of its command. */
export type PurchaseQuestion = Required<Pick<OrderCommand, 'providerAccountId' | 'partNumber'>> &
  Pick<OrderCommand, 'billingPeriod' | 'term'>;

/** What is known about the parameters of a purchase. */
export interface PurchaseParameters {
  buyer: Buyer;
  product: ResolvedProductV1;
  filled: Filled;
  rules: TenantRules;
}

/** A parameter that the product takes, and what would be filled in. */
export interface DescribedParameter {
  /** As CMP names it. */
  name: string;
  label: string;
  meaning: string;
  isRequired: boolean;
  /** When it is required, if that depends on another parameter. */
  requiredWhen: string | null;
  /** Null: not a fixed list. */
  allowedValues: string[] | null;
  value: string | null;
  /** Instead of a value, for a parameter that is not a string. */
  structuredValue: object | null;
  from: ParameterSource | null;
  /** The source in words. */
  fromDetail: string | null;
  /** Values that are known and not filled in. */
  otherValues: string[];
  /** What is missing, wrong or to be checked. */
  problem: { detail: string; nextStep: string; isBlocking: boolean } | null;
}

type Meaning = Pick<DescribedParameter, 'name' | 'label' | 'meaning'> &
  Partial<Pick<DescribedParameter, 'requiredWhen' | 'allowedValues'>>;

const forNewTenant = 'tenant_preference is new';

const newCommerce: readonly Meaning[] = [
  {
    name: 'tenant_preference',
    label: 'Microsoft tenant',
    meaning: "Whether the licences go to the customer's existing Microsoft tenant, or to a new one.",
    allowedValues: ['existing', 'new'],
  },
  {
    name: 'microsoft_domain',
    label: 'Microsoft domain',
    meaning: 'The first domain of the tenant, with its suffix, such as fabrikam.onmicrosoft.com.',
  },
  {
    name: 'microsoft_tenant_id',
    label: 'Microsoft tenant ID',
    meaning: 'The GUID of an existing tenant; it can be given instead of the domain.',
  },
  {
    name: 'mca_acceptance',
    label: 'Microsoft Customer Agreement',
    meaning: 'The customer has accepted the agreement.',
    requiredWhen: forNewTenant,
    allowedValues: ['yes'],
  },
  {
    name: 'agreement_date',
    label: 'Date of the agreement',
    meaning: 'The day on which the customer accepted it, as MM-DD-YYYY.',
    requiredWhen: forNewTenant,
  },
  {
    name: 'first_name_agreement',
    label: 'First name of the signatory',
    meaning: 'Who accepted the agreement for the customer.',
    requiredWhen: forNewTenant,
  },
  {
    name: 'last_name_agreement',
    label: 'Last name of the signatory',
    meaning: 'Who accepted the agreement for the customer.',
    requiredWhen: forNewTenant,
  },
  {
    name: 'email_address_agreement',
    label: 'E-mail address of the signatory',
    meaning: 'Who accepted the agreement for the customer.',
    requiredWhen: forNewTenant,
  },
  {
    name: attestationParameter,
    label: 'Partner-of-record attestation',
    meaning: 'The reseller confirms that it is the partner of record, as structured_value.',
  },
  {
    name: 'offer_attestation',
    label: 'Offer attestation',
    meaning: 'The customer meets the conditions of a special offer, as structured_value.',
    requiredWhen: 'the offer has conditions',
  },
  {
    name: 'special_qualifications',
    label: 'Special qualifications',
    meaning: 'The qualification with which the customer may buy, such as that of a school.',
    requiredWhen: 'the offer is for certain customers only',
  },
];

const legacy = ({ legacyDomainParameter: name, legacyDomain, domainSuffix }: TenantRules): Meaning[] => [
  {
    name,
    label: 'Microsoft domain',
    meaning:
      legacyDomain === 'prefix'
        ? `The first domain of the customer's tenant without ${domainSuffix}, such as fabrikam.`
        : `The first domain of the customer's tenant, such as fabrikam${domainSuffix}.`,
  },
];

/** The parameters that a product takes; none are known for vendors other than Microsoft. */
const meaningsFor = (product: ResolvedProductV1, rules: TenantRules): readonly Meaning[] =>
  isNewCommerce(product) ? newCommerce : isMicrosoft(product) ? legacy(rules) : [];

/** The parameters that a product takes, with what an order without parameters would be filled with. Pure. */
export function describeParameters(known: PurchaseParameters, now: number): DescribedParameter[] {
  const { product, filled, rules } = known;
  const errors = tenantParameterErrors(
    product,
    filled.added.map(({ parameter }) => parameter),
    rules,
    now,
  );
  return meaningsFor(product, rules).map((meaning) => {
    // The agreement may lack a name: that is no value.
    const added = filled.added.find(
      ({ parameter: { name, value } }) => name === meaning.name && value !== '',
    );
    return {
      requiredWhen: null,
      allowedValues: null,
      ...meaning,
      isRequired: isRequired(meaning, known),
      value: added?.parameter.value ?? null,
      structuredValue: (added?.parameter.structured_value as object | undefined) ?? null,
      from: added?.from ?? null,
      fromDetail: added ? sourceOf(added, known) : null,
      otherValues: otherValues(meaning.name, added?.parameter.value, known),
      problem: problemOf(meaning, added, errors, known),
    };
  });
}

function isRequired(
  { name, requiredWhen }: Meaning,
  { product, filled, rules }: PurchaseParameters,
): boolean {
  if (!isNewCommerce(product)) return name === rules.legacyDomainParameter;
  const value = (wanted: string) =>
    filled.added.find(({ parameter }) => parameter.name === wanted)?.parameter.value;
  if (name === 'microsoft_domain') return rules.tenantNeeded && value('microsoft_tenant_id') === undefined;
  if (name === attestationParameter) return rules.attestationNeeded;
  return requiredWhen === forNewTenant && value('tenant_preference') === 'new';
}

function sourceOf({ parameter, from }: FilledParameter, { filled: { facts } }: PurchaseParameters): string {
  switch (from) {
    case 'account':
      return parameter.name === 'tenant_preference'
        ? "A subscription of the account shows the account's domain, so the tenant exists."
        : "The account's domain.";
    case 'earlier-purchase':
      return `An earlier purchase of this account, order ${(facts.earlier.find(({ domain }) => domain) ?? facts.earlier[0])?.orderId}.`;
    case 'agreement':
      return 'The agreement recorded for the account, whose domain no subscription shows yet.';
    case 'partner-attestation':
      return 'The attestation recorded for the connector.';
    case 'default':
      return 'The default: no agreement for a new tenant is recorded.';
  }
}

const isDomain = (name: string, { rules }: PurchaseParameters): boolean =>
  name === 'microsoft_domain' || name === rules.legacyDomainParameter;

function otherValues(name: string, value: string | undefined, known: PurchaseParameters): string[] {
  const { account, earlier } = known.filled.facts;
  const chosen = value?.toLowerCase();
  if (name === 'microsoft_tenant_id')
    return [...new Set(earlier.flatMap(({ tenantId }) => tenantId ?? []))].filter((id) => id !== chosen);
  if (!isDomain(name, known)) return [];
  const { domainSuffix } = known.rules;
  const whole = chosen === undefined || chosen.includes('.') ? chosen : `${chosen}${domainSuffix}`;
  const domains = [...(account?.conflicts ?? []), ...domainsOf(earlier)].map((one) => one.toLowerCase());
  return [...new Set(domains)].filter((one) => one !== whole);
}

const domainsOf = (earlier: readonly EarlierTenant[]): string[] =>
  earlier.flatMap(({ domain }) => domain ?? []);

const setDomain = (providerAccountId: string): string =>
  `set customDomain with PATCH /v1/provider-accounts/${providerAccountId}`;

function problemOf(
  { name }: Meaning,
  added: FilledParameter | undefined,
  errors: readonly ParameterError[],
  known: PurchaseParameters,
): DescribedParameter['problem'] {
  const { buyer, filled, product } = known;
  const block = (detail: string, nextStep: string) => ({ detail, nextStep, isBlocking: true });
  if (name === attestationParameter && filled.lacksAttestation)
    return block('It is not recorded for the connector.', recordAttestation(buyer.connectorId));
  const error = errors.find((one) => one.name === name);
  if (added && error)
    return block(
      `${name} ${error.message}: ${added.parameter.value}`,
      `Give ${name} with the order, or correct the source.`,
    );
  if (isDomain(name, known)) {
    const others = otherValues(name, added?.parameter.value, known);
    const isLacking =
      !added && (isNewCommerce(product) ? errors.some((one) => one.name === 'microsoft_tenant_id') : true);
    if (isLacking && others.length > 0)
      return block(
        `The account has no domain, and its earlier purchases were for several tenants: ${others.join(', ')}.`,
        `Give ${name} with the order, or ${setDomain(buyer.providerAccountId)}.`,
      );
    if (isLacking)
      return block(
        'The account has no domain, and there is no earlier purchase to take it from.',
        `Give ${name} with the order, or ${setDomain(buyer.providerAccountId)}.`,
      );
    if (added && others.length > 0)
      return {
        detail: `Subscriptions or earlier purchases of the account show other domains, too: ${others.join(', ')}.`,
        nextStep: `Check which tenant is meant. If it is another, give ${name} with the order, or ${setDomain(buyer.providerAccountId)}.`,
        isBlocking: false,
      };
    return null;
  }
  // That the domain is missing is said there.
  if (!error || name === 'microsoft_tenant_id') return null;
  const isOfAgreement = agreementParameters.includes(name);
  return block(
    `${name} ${error.message}.`,
    isOfAgreement
      ? `Give ${name} with the order, or record the agreement in Work 365.`
      : `Give ${name} with the order.`,
  );
}
