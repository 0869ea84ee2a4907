import type { Wire } from '../wire/simple-api.ts';
import { dice, guid } from '../world/random.ts';

/** A customer as the world stores it: CMP's response, where the id is always present. */
export type CustomerState = Wire<'Customer'> & { id: string };

/** A Microsoft tenant of a customer, as it appears in the parameters of its subscriptions; never on the customer itself. */
interface Tenant {
  domain: string;
  tenantId: string;
}

/** Where the customers of an account live and who owns them. */
interface CustomerGround {
  seed: number;
  country: string;
  resellerId: string;
}

export const firstCustomerId = 1000100001;

function customerSlug(seed: number, index: number): string {
  const word = (words: readonly string[], face: number) =>
    words[Math.floor(dice(seed, index, face) * words.length)]!;
  return `${word(firstWords, 1)}${word(middleWords, 2)}${index + 1}`.toLowerCase();
}

/** The tenants of a customer: a fifth have none, a fifth two. */
export function seededTenants(seed: number, index: number): Tenant[] {
  const roll = dice(seed, index, 20);
  const count = roll < 0.2 ? 0 : roll < 0.8 ? 1 : 2;
  return Array.from({ length: count }, (_, n) => {
    let face = 21 + n * 10;
    return {
      domain: `${customerSlug(seed, index)}${n === 0 ? '' : 'grp'}.onmicrosoft.com`,
      tenantId: guid(() => dice(seed, index, face++)),
    };
  });
}

/** The customer at a position of the seeded world. */
export function seededCustomer({ seed, country, resellerId }: CustomerGround, index: number): CustomerState {
  const pick = <T>(list: readonly T[], face: number): T =>
    list[Math.floor(dice(seed, index, face) * list.length)]!;
  const british = country === 'GB';
  const place = pick(british ? ukCities : usCities, 3);
  const firstName = pick(givenNames, 4);
  const lastName = pick(familyNames, 5);
  const slug = customerSlug(seed, index);
  const status = dice(seed, index, 6);
  return {
    id: String(firstCustomerId + index),
    ...(dice(seed, index, 7) < 0.7 ? { externalId: `CRM-${String(index + 1).padStart(6, '0')}` } : {}),
    attributes: { segment: dice(seed, index, 8) < 0.8 ? 'smb' : 'enterprise' },
    status: status < 0.97 ? 'active' : status < 0.985 ? 'creditHold' : 'adminHold',
    name: `${pick(firstWords, 1)} ${pick(middleWords, 2)} ${index + 1} ${pick(british ? ukEndings : usEndings, 9)}`,
    address: {
      streetAddress: `${1 + Math.floor(dice(seed, index, 10) * 900)} ${british ? 'High Street' : 'Main Street'}`,
      ...(dice(seed, index, 11) < 0.2 ? { addressExtension: 'Suite 100' } : {}),
      ...place,
      countryCode: country,
    },
    contactPersons: [
      {
        type: 'admin',
        firstName,
        lastName,
        email: `${firstName}.${lastName}@${slug}.example`.toLowerCase(),
        phoneNumber: british ? `44#20#${7000000 + index}#` : `1#949#${5550000 + index}#`,
      },
    ],
    language: 'en_US',
    ...(dice(seed, index, 12) < 0.5 ? { taxRegId: `${10 + (index % 90)}-${1000000 + index}` } : {}),
    resellerId,
  };
}

const firstWords =
  'Fabrikam Contoso Northwind Tailspin Wingtip Litware Proseware Adatum Trey Lucerne Coho Fourth Humongous Margie Alpine Woodgrove Graphic City Wide Blue'.split(
    ' ',
  );
const middleWords =
  'Dental Legal Logistics Partners Media Health Foods Energy Motors Design Property Travel Textiles Robotics Audit Timber Marine Print Security Gardens'.split(
    ' ',
  );
const usEndings = ['Inc', 'LLC', 'Group', 'Corp'];
const ukEndings = ['Ltd', 'LLP', 'plc', 'Group'];
const givenNames =
  'Jane Omar Lucia Peter Aisha Tomas Grace Henrik Mei Daniel Sofia Patrick Nadia Oliver Ruth Sanjay'.split(
    ' ',
  );
const familyNames =
  'Doe Hansen Patel Novak Garcia Smith Okafor Rossi Dubois Chen Murphy Kowalski Silva Meyer Jones Larsen'.split(
    ' ',
  );
const usCities = [
  { city: 'Irvine', state: 'CA', postalCode: '92612' },
  { city: 'Austin', state: 'TX', postalCode: '78701' },
  { city: 'Buffalo', state: 'NY', postalCode: '14221' },
  { city: 'Portland', state: 'OR', postalCode: '97205' },
  { city: 'Tampa', state: 'FL', postalCode: '33602' },
];
const ukCities = [
  { city: 'Milton Keynes', state: 'Buckinghamshire', postalCode: 'MK14 6GD' },
  { city: 'Leeds', state: 'West Yorkshire', postalCode: 'LS1 4AP' },
  { city: 'Bristol', state: 'Avon', postalCode: 'BS1 5TR' },
  { city: 'Edinburgh', state: 'Midlothian', postalCode: 'EH1 1YZ' },
];

/** The owners of Microsoft tenants: seeded ones by the number in their name, new ones as orders create them. */
export class Tenants {
  private readonly created = new Map<string, Tenant & { customerId: string }>();

  constructor(
    private readonly seed: number,
    private readonly customers: number,
    private readonly random: () => number,
  ) {}

  find(domain: string): (Tenant & { customerId: string }) | undefined {
    const known = this.created.get(domain.toLowerCase());
    if (known) return known;
    const index = Number(/\d+/.exec(domain)?.[0] ?? 0) - 1;
    if (index < 0 || index >= this.customers) return undefined;
    const seeded = seededTenants(this.seed, index).find((tenant) => tenant.domain === domain.toLowerCase());
    return seeded && { ...seeded, customerId: String(firstCustomerId + index) };
  }

  /** The tenant of that domain; if there is none, a new one with a new id. */
  open(domain: string, customerId: string): Tenant {
    const found = this.find(domain);
    if (found) return found;
    const tenant = { domain: domain.toLowerCase(), tenantId: guid(this.random), customerId };
    this.created.set(tenant.domain, tenant);
    return tenant;
  }
}
