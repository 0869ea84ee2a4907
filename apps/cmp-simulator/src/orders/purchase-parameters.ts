import type { CatalogueItem } from '../catalogue/catalogue.ts';
import type { Parameter } from '../wire/simple-api.ts';
import type { World } from '../world/world.ts';

/** CMP's verdict on one parameter of a purchase; `choices` are the only values allowed, if there are any. */
export interface ParameterVerdict {
  name: string;
  result: 'success' | 'error';
  message: string;
  value?: string | undefined;
  choices: { label: string; value: string; default: boolean }[];
  structured_value?: object | undefined;
}

/** Where CMP shows a link that the customer has to accept: its name is not published. */
export const acceptanceField = 'mca_attestation_link';
export const acceptanceLink = (customerId: string): string =>
  `https://accept.cmp-simulator.example/agreement/${customerId}`;

const choices = (...values: string[]) =>
  values.map((value, n) => ({ label: value, value, default: n === 0 }));
const agreementNames = ['first_name_agreement', 'last_name_agreement', 'email_address_agreement'];
const guidShape = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/**
 * Judges the parameters of a line: those given and those missing. Names are Microsoft's as CloudBlue's connector knows
 * them (Office365 Channel Operations Guide) and case-sensitive; that CMP takes them unchanged is an assumption.
 */
export function checkParameters(
  world: World,
  customerId: string,
  item: CatalogueItem,
  given: readonly Parameter[],
): ParameterVerdict[] {
  if (item.vendor !== 'MICROSOFT') return [];
  const readValue = (name: string) =>
    given.find((parameter) => parameter.name === name)?.value as string | undefined;
  const verdict = (
    name: string,
    error?: string,
    allowed: ParameterVerdict['choices'] = [],
  ): ParameterVerdict => ({
    name,
    result: error ? 'error' : 'success',
    message: error ?? 'Value is accepted.',
    value: readValue(name),
    choices: allowed,
    structured_value: given.find((parameter) => parameter.name === name)?.structured_value as
      object | undefined,
  });
  if (item.kind === 'legacy')
    return [
      { ...verdict('domain'), ...domainVerdict(world, customerId, readValue('domain'), 'prefix', 'new') },
    ];

  const preferences = choices('new', 'existing');
  const preference = readValue('tenant_preference') ?? 'existing';
  const domain = readValue('microsoft_domain');
  const tenantId = readValue('microsoft_tenant_id');
  const verdicts = [
    verdict(
      'tenant_preference',
      preferences.some(({ value }) => value === preference)
        ? undefined
        : 'Value must be one of: new, existing.',
      preferences,
    ),
  ];
  if (domain !== undefined || tenantId === undefined)
    verdicts.push({
      ...verdict('microsoft_domain'),
      ...domainVerdict(world, customerId, domain, 'full', preference),
    });
  if (tenantId !== undefined)
    verdicts.push(
      verdict('microsoft_tenant_id', guidShape.test(tenantId) ? undefined : 'Tenant ID must be a GUID.'),
    );
  if (preference === 'new') verdicts.push(...agreement(readValue, verdict));
  const attested = given.find(({ name }) => name === 'partner_on_record_attestation_accepted')
    ?.structured_value as { attestation_accepted?: boolean } | undefined;
  if (world.ground.quirks.customerAcceptance === 'validation' && !world.accepted.has(customerId))
    verdicts.push({
      ...verdict(acceptanceField, 'The customer has to accept the agreement under the link.'),
      value: acceptanceLink(customerId),
    });
  if (attested || world.ground.quirks.attestationRequired)
    verdicts.push(
      verdict(
        'partner_on_record_attestation_accepted',
        attested?.attestation_accepted === true ? undefined : 'Attestation must be accepted.',
      ),
    );
  return verdicts;
}

/** The Microsoft Customer Agreement, needed for a new tenant. */
function agreement(
  readValue: (name: string) => string | undefined,
  verdict: (name: string, error?: string, allowed?: ParameterVerdict['choices']) => ParameterVerdict,
): ParameterVerdict[] {
  return [
    verdict(
      'mca_acceptance',
      readValue('mca_acceptance') === 'yes' ? undefined : 'Microsoft Customer Agreement must be accepted.',
      choices('yes'),
    ),
    verdict(
      'agreement_date',
      /^\d{2}-\d{2}-\d{4}$/.test(readValue('agreement_date') ?? '')
        ? undefined
        : 'Date must have the form MM-DD-YYYY.',
    ),
    ...agreementNames.map((name) => verdict(name, readValue(name) ? undefined : 'Value is required.')),
  ];
}

const suffix = '.onmicrosoft.com';
const label = /^[a-z0-9]{1,27}$/i;

/**
 * Whether a Microsoft domain will do. New commerce takes the full `x.onmicrosoft.com`, legacy Office 365 the prefix only.
 * A new tenant needs a free domain; an existing one must be known, or one of the customer's own.
 */
function domainVerdict(
  world: World,
  customerId: string,
  value: string | undefined,
  form: 'full' | 'prefix',
  preference: string,
): { result: 'success' | 'error'; message: string } {
  const error = (message: string) => ({ result: 'error' as const, message });
  if (value === undefined || value === '') return error('Domain is required.');
  const lower = value.toLowerCase();
  if (form === 'full' && !lower.endsWith(suffix)) return error(`Domain must end with ${suffix}.`);
  if (form === 'prefix' && lower.includes('.')) return error(`Domain prefix must not include ${suffix}.`);
  const prefix = form === 'full' ? lower.slice(0, -suffix.length) : lower;
  if (!label.test(prefix)) return error('Domain prefix must be 1 to 27 letters and digits.');
  const holder = world.tenants.find(prefix + suffix);
  if (holder && holder.customerId !== customerId) return error('Domain is not available.');
  if (preference === 'new' && form === 'full' && holder) return error('Domain is not available.');
  if (preference === 'existing' && !holder && prefix.startsWith('unknown'))
    return error('Domain does not belong to a known tenant.');
  return {
    result: 'success',
    message: holder ? 'Domain belongs to an existing tenant.' : 'Domain available to purchase.',
  };
}
