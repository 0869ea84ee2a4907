import type { SubscriptionLifecycleEnv } from '../config.ts';
import type { TenantRules } from '../domain/nce/tenant-parameters.ts';

/** The rules for the parameters of purchases, as this installation's marketplace has them. */
export const tenantRulesOf = (env: SubscriptionLifecycleEnv): TenantRules => ({
  domainSuffix: env.MICROSOFT_DOMAIN_SUFFIX.toLowerCase(),
  legacyDomain: env.LEGACY_DOMAIN,
  legacyDomainParameter: env.LEGACY_DOMAIN_PARAMETER,
  tenantNeeded: env.TENANT_NEEDED === 'yes',
  attestationNeeded: env.ATTESTATION_NEEDED === 'yes',
});
