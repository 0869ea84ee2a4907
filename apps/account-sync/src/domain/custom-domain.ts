export interface CustomDomain {
  customDomain: string | null;
  customDomainSource: 'cmp' | 'manual' | null;
}

/** The domain CMP's data gives: the only one its subscriptions show. With none or several it stays open, as a guess would be worse. */
export function domainFromCmp(candidates: readonly string[]): CustomDomain {
  const [only, another] = candidates;
  return only !== undefined && another === undefined
    ? { customDomain: only, customDomainSource: 'cmp' }
    : { customDomain: null, customDomainSource: null };
}
