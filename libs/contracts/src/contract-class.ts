/** A contract class: what `new` makes of it is the payload's type. */
export type ContractClass<T extends object = object> = new () => T;

/** The services that own a stream or answer questions; the first token of every subject. */
export type ServiceName =
  | 'connector-config'
  | 'account-sync'
  | 'subscription-lifecycle'
  | 'product-catalog'
  | 'rest-provider'
  | 'webhooks';
