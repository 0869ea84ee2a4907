import emailProviders from 'email-providers/all.json' with { type: 'json' };

/** A provider account whose tenant account is to be found. */
export interface AccountToLink {
  name: string;
  externalId: string | null;
  email: string | null;
  taxRegId: string | null;
  /** The account's custom domain, and the domains found on its subscriptions. */
  domains: readonly string[];
}

export interface LinkCandidate {
  id: string;
  name: string;
  domains: readonly string[];
  emails: readonly string[];
  taxRegId: string | null;
}

export type LinkReasonCode =
  'same-external-id' | 'same-tax-id' | 'same-domain' | 'same-name' | 'same-email-domain';

export interface LinkReason {
  code: LinkReasonCode;
  /** The matching values, as a sentence. */
  detail: string;
}

export interface LinkSuggestion {
  tenantAccountId: string;
  name: string;
  /** 1 to 100, the sum of what the reasons weigh. */
  score: number;
  reasons: LinkReason[];
  /** Another candidate has the same score. */
  tied: boolean;
}

/** The weight of each reason. An external id that is the tenant account's own id was set on purpose. */
const weights: Record<LinkReasonCode, number> = {
  'same-external-id': 100,
  'same-tax-id': 60,
  'same-domain': 50,
  'same-name': 40,
  'same-email-domain': 30,
};

/** Candidates with at least one reason, best first. They are only suggestions: a user creates the link. */
export function suggestLinks(
  account: AccountToLink,
  candidates: readonly LinkCandidate[],
  limit = 10,
): LinkSuggestion[] {
  const reasonsFor = compare(account);
  const found = candidates.flatMap((candidate) => {
    const reasons = reasonsFor(candidate);
    const score = Math.min(
      100,
      reasons.reduce((sum, { code }) => sum + weights[code], 0),
    );
    return score > 0 ? [{ tenantAccountId: candidate.id, name: candidate.name, score, reasons }] : [];
  });
  const holders = new Map<number, number>();
  for (const { score } of found) holders.set(score, (holders.get(score) ?? 0) + 1);
  return found
    .sort(
      (a, b) =>
        b.score - a.score || compareText(a.name, b.name) || compareText(a.tenantAccountId, b.tenantAccountId),
    )
    .slice(0, limit)
    .map((one) => ({ ...one, tied: (holders.get(one.score) ?? 0) > 1 }));
}

function compare(account: AccountToLink): (candidate: LinkCandidate) => LinkReason[] {
  const externalId = account.externalId?.trim();
  const taxId = comparableTaxId(account.taxRegId);
  const domains = new Set(account.domains.map((domain) => domain.toLowerCase()));
  const emailDomain = privateDomain(account.email);
  const name = comparableName(account.name);
  return (candidate) => {
    const reasons: LinkReason[] = [];
    const add = (code: LinkReasonCode, detail: string) => reasons.push({ code, detail });
    if (externalId && externalId.toLowerCase() === candidate.id.toLowerCase())
      add('same-external-id', `The external id at CMP is this account's id, ${candidate.id}.`);
    if (taxId && taxId === comparableTaxId(candidate.taxRegId))
      add('same-tax-id', `Both have the tax id ${candidate.taxRegId}.`);
    const domain = candidate.domains.find((one) => domains.has(one.toLowerCase()));
    if (domain) add('same-domain', `Both have the domain ${domain}.`);
    if (name && name === comparableName(candidate.name))
      add('same-name', `"${account.name}" and "${candidate.name}" are the same name.`);
    if (emailDomain && emailDomain !== domain && emailDomains(candidate).has(emailDomain))
      add('same-email-domain', `Both have e-mail addresses at @${emailDomain}.`);
    return reasons;
  };
}

function emailDomains({ domains, emails }: LinkCandidate): ReadonlySet<string | undefined> {
  return new Set([...domains.map((domain) => domain.toLowerCase()), ...emails.map(privateDomain)]);
}

/** Letters and digits only; undefined when it is too short or a filler such as 000000000. */
function comparableTaxId(taxId: string | null): string | undefined {
  const bare = taxId?.toUpperCase().replace(/[^A-Z0-9]/g, '') ?? '';
  return bare.length >= 5 && new Set(bare).size > 1 ? bare : undefined;
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const legalForms = new Set(
  `ab ag as aps bv bvba co company corp corporation gmbh inc incorporated kg kgaa limited limitada llc llp lp ltd ltda nv oy
   plc pte pty pvt sa sas sarl se sl slu spa srl ug`.split(/\s+/),
);

/**
 * A company's name as it is compared: without case, accents, punctuation and legal form, so that "Müller & Co. GmbH" and
 * "MULLER AND CO" are equal. A name that consists only of a legal form is not changed.
 */
export function comparableName(name: string): string {
  const words = name
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/&/g, ' and ')
    // S.p.A. and B.V. count as one word each.
    .replace(/(?<=\b\p{Letter})\.(?=\p{Letter}\b)/gu, '')
    .split(/[^\p{Letter}\p{Number}]+/u)
    .filter(Boolean);
  const kept = [...words];
  while (kept.length > 1 && (legalForms.has(kept.at(-1) ?? '') || kept.at(-1) === 'and')) kept.pop();
  return kept.join(' ');
}

/** Domains where anyone can have an address: sharing one does not mean belonging together. The last ones are missing in the package. */
const freemailDomains: ReadonlySet<string> = new Set([
  ...emailProviders,
  ...['fastmail.com', 'gmx.ch', 'tutanota.com', 'ziggo.nl'],
]);

/** The domain of an e-mail address; undefined for freemail and for what is not an address. */
function privateDomain(email: string | null | undefined): string | undefined {
  const domain = /^[^@\s]+@([^@\s]+\.[^@\s]+)$/.exec(email?.trim().toLowerCase() ?? '')?.[1];
  return domain && !freemailDomains.has(domain) ? domain : undefined;
}
