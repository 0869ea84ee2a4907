import {
  type MicrosoftTenantV1,
  OpenConnector,
  ReadAcceptedAgreement,
  ReadProviderAccount,
  type ResolvedProductV1,
} from '@isthmus/contracts';
import { isUnreachable, type RequestClient } from '@isthmus/messaging';
import type { TenantStore } from '@isthmus/service-kit';
import type { OrderParameter } from '../order.ts';
import { type EarlierTenant, readEarlierTenants } from './earlier-tenants.store.ts';
import {
  acceptedAttestation,
  attestationParameter,
  type FilledParameter,
  filledFromTenant,
  isMicrosoft,
  isNewCommerce,
  type KnownTenant,
  tenantMissing,
  type TenantRules,
} from './microsoft-parameters.ts';

/** For whom a purchase is. */
export interface Buyer {
  tenantId: string;
  connectorId: string;
  providerAccountId: string;
  cmpAccountId: string;
}

/** What is known about the customer's Microsoft tenant, with the source of each fact. */
export interface TenantFacts {
  /** Of the account; null without a domain. */
  account: (MicrosoftTenantV1 & { conflicts: string[] }) | null;
  /** Tenants of settled purchases of the account, the last one first. */
  earlier: EarlierTenant[];
}

/** The parameters that the platform adds to a purchase, and what it knows beside them. */
export interface Filled {
  added: FilledParameter[];
  facts: TenantFacts;
  /** True if the partner-of-record attestation is needed and not recorded for the connector. */
  lacksAttestation: boolean;
}

const nothing: TenantFacts = { account: null, earlier: [] };

/**
 * Fills in the parameters of purchases, for whoever buys: people, programs, Work 365, and those who only ask what would be filled
 * in. What the requester gives takes precedence; other services and earlier orders are asked only for what is missing.
 */
export class PurchaseSources {
  constructor(
    private readonly store: TenantStore,
    private readonly requests: RequestClient,
    private readonly rules: TenantRules,
  ) {}

  /**
   * @param given the requester's parameters
   * @param tenant what the requester knows of the customer's tenant
   * @param everything whether facts are read that do not change what is filled in
   */
  async fill(
    buyer: Buyer,
    product: ResolvedProductV1,
    given: readonly OrderParameter[],
    { tenant, everything = false }: { tenant?: MicrosoftTenantV1 | undefined; everything?: boolean } = {},
  ): Promise<Filled> {
    const isNeeded = tenantMissing(product, given, this.rules) || (everything && isMicrosoft(product));
    const facts = isNeeded ? await this.#facts(buyer, tenant, everything) : nothing;
    const added = filledFromTenant(product, given, tenantOf(facts), this.rules);
    const attestation = await this.#attestation(buyer, product, given);
    return {
      added: attestation === 'recorded' ? [...added, recorded] : added,
      facts,
      lacksAttestation: attestation === 'lacking',
    };
  }

  async #facts(
    buyer: Buyer,
    tenant: MicrosoftTenantV1 | undefined,
    everything: boolean,
  ): Promise<TenantFacts> {
    const account = tenant ? { ...tenant, conflicts: [] } : await this.#account(buyer);
    const earlier = account && !everything ? [] : await this.#earlier(buyer);
    return { account, earlier };
  }

  async #account({ tenantId, connectorId, providerAccountId }: Buyer): Promise<TenantFacts['account']> {
    const question = { tenantId, connectorId, providerAccountId };
    const { account = undefined } = await this.requests.request(ReadProviderAccount, question);
    const { customDomain: domain, customDomainSeen: exists = false, customDomainConflicts } = account ?? {};
    if (!domain) return null;
    const agreement = exists ? undefined : await this.#agreement(question);
    return { domain, exists, ...(agreement && { agreement }), conflicts: customDomainConflicts ?? [] };
  }

  /** As Work 365 recorded it; none if nobody can say, as where Work 365 is not used. */
  async #agreement(question: ReadAcceptedAgreement): Promise<MicrosoftTenantV1['agreement']> {
    try {
      const wait = { deadlineMs: agreementDeadlineMs, waitForService: false };
      return (await this.requests.request(ReadAcceptedAgreement, question, wait)).agreement;
    } catch (error) {
      if (isUnreachable(error)) return undefined;
      throw error;
    }
  }

  #earlier({ tenantId, ...account }: Buyer): Promise<EarlierTenant[]> {
    return this.store.read(tenantId, (em) => readEarlierTenants(em, tenantId, account, this.rules));
  }

  async #attestation(
    { tenantId, connectorId }: Buyer,
    product: ResolvedProductV1,
    given: readonly OrderParameter[],
  ): Promise<'recorded' | 'lacking' | 'not-asked'> {
    const isGiven = given.some(({ name }) => name === attestationParameter);
    if (!this.rules.attestationNeeded || !isNewCommerce(product) || isGiven) return 'not-asked';
    const { partnerAttestation } = await this.requests.request(OpenConnector, { tenantId, connectorId });
    return partnerAttestation ? 'recorded' : 'lacking';
  }
}

const agreementDeadlineMs = 1_000;
const recorded: FilledParameter = { parameter: acceptedAttestation, from: 'partner-attestation' };

/**
 * The tenant to buy for: that of the account, otherwise the only one that it has bought for. Of several none is taken: licences
 * in another customer's tenant cannot be moved.
 */
export function tenantOf({ account, earlier }: TenantFacts): KnownTenant | null {
  if (account) return { ...account, from: 'account' };
  const domains = earlier.filter(({ domain }) => domain !== undefined);
  const [only, ...others] = domains.length > 0 ? domains : earlier;
  if (!only || others.length > 0) return null;
  return { domain: only.domain, tenantId: only.tenantId, exists: true, from: 'earlier-purchase' };
}
