/** How one CMP tenant is reached. Holds secrets: never log it, never put it into an error. */
export interface CmpConnection {
  connectorId: string;
  /** Such as `https://api.cloud.im/marketplace/na`, with or without a trailing slash. */
  apiUrl: string;
  username: string;
  password: string;
  /** The gateway key (`X-Subscription-Key`). The call budget belongs to it. */
  subscriptionKey: string;
  /** The commercial marketplace, mostly a country: `us`, `uk`, `au`. Not the region in the URL. */
  marketplace: string;
  /** The reseller's own account number in CMP. Used only to verify that the credentials belong to it. */
  accountId?: string;
  /** ISO 4217; what the reseller is billed in. Used only to verify that CMP shows prices in it. */
  currency?: string;
}
