/** A contract class; its instance type is the payload type. */
export type ContractClass<T extends object = object> = new () => T;

/** The services that own a stream or respond to requests; the first token of an event subject, the second of a request subject. */
export type ServiceName =
  | 'connector-config'
  | 'account-sync'
  | 'subscription-lifecycle'
  | 'product-catalog'
  | 'rest-provider'
  | 'webhooks';

/** A fact, published by its owner, consumed by anyone. The class describes `data` only; the rest is in the envelope. */
export interface EventContract<T extends object = object> {
  kind: 'event';
  /** The CloudEvents type, `<service>.<noun>-<past-participle>.v<major>`. `eventSubject` derives the NATS subject from it. */
  eventType: string;
  producer: ServiceName;
  /** The aggregate to which the envelope's id and version refer. */
  aggregate: string;
  summary: string;
  type: ContractClass<T>;
}

/** A request's class names its response in a static property, so that `RequestClient.request` can infer the response type. */
export interface RequestClass<Q extends object = object, A extends object = object> {
  new (): Q;
  readonly response: ContractClass<A>;
}

/** A query or command from one service to another. The response must arrive before the deadline: nothing is queued or redelivered. */
export interface RequestContract<Q extends object = object, A extends object = object> {
  kind: 'request';
  /** `rpc.<service>.<verb>-<noun>` */
  subject: string;
  /** The service that responds. */
  service: ServiceName;
  summary: string;
  type: RequestClass<Q, A>;
}

export type Contract = EventContract | RequestContract;

/** Declares that a class is the contract of an event. */
export function Event(declared: Omit<EventContract, 'kind' | 'type'>) {
  return <T extends object>(type: ContractClass<T>): void => {
    const { eventType, producer } = declared;
    const shape = /^([a-z]+(?:-[a-z]+)*)\.[a-z]+(?:-[a-z]+)+\.v[1-9]\d*$/;
    if (shape.exec(eventType)?.[1] !== producer)
      throw new InvalidContract(
        type.name,
        `the type ${eventType} is not ${producer}.<noun>-<past-participle>.v<major>`,
      );
    register(eventType, { kind: 'event', type, ...declared });
  };
}

/** Declares that a class is the contract of a request. */
export function ServiceRequest(declared: Omit<RequestContract, 'kind' | 'type'>) {
  return <Q extends object, A extends object>(type: RequestClass<Q, A>): void => {
    const { subject, service } = declared;
    const shape = /^rpc\.([a-z]+(?:-[a-z]+)*)\.[a-z]+(?:-[a-z]+)+$/;
    if (shape.exec(subject)?.[1] !== service)
      throw new InvalidContract(type.name, `the subject ${subject} is not rpc.${service}.<verb>-<noun>`);
    register(subject, { kind: 'request', type, ...declared });
  };
}

const byClass = new Map<ContractClass, Contract>();
/** Contracts by the type of an event or the subject of a request. */
const byName = new Map<string, Contract>();

/** @throws InvalidContract when two classes claim one name */
function register(name: string, contract: Contract): void {
  const other = byName.get(name);
  if (other) throw new InvalidContract(contract.type.name, `${name} belongs to ${other.type.name}`);
  byClass.set(contract.type, contract);
  byName.set(name, contract);
}

const ofKind = <K extends Contract['kind']>(kind: K) =>
  [...byName]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, contract]) => contract)
    .filter((contract): contract is Extract<Contract, { kind: K }> => contract.kind === kind);

/** Every event of every service, by type. */
export const eventContracts = (): EventContract[] => ofKind('event');

/** Every request one service may send to another, by subject. */
export const requestContracts = (): RequestContract[] => ofKind('request');

/**
 * Returns the contract declared on a class.
 *
 * @throws InvalidContract if the class has none
 */
export function contractOf(type: ContractClass): Contract {
  const contract = byClass.get(type);
  if (!contract) throw new InvalidContract(type.name, 'it carries neither @Event nor @ServiceRequest');
  return contract;
}

/** Returns the contract for an event type or the subject of a request: the name under which a handler is registered. */
export const contractNamed = (name: string): Contract | undefined => byName.get(name);

/** The name by which a contract is known: an event's type, a request's subject. */
export const nameOf = (contract: Contract): string =>
  contract.kind === 'event' ? contract.eventType : contract.subject;

/** Returns the event with this type, or undefined if it is not one of ours. */
export function eventContract(eventType: string): EventContract | undefined {
  const contract = byName.get(eventType);
  return contract?.kind === 'event' ? contract : undefined;
}

/** The declaration of a contract class is wrong or missing: a programming error, mostly thrown at load time. */
export class InvalidContract extends Error {
  override readonly name = 'InvalidContract';
  readonly code = 'contract.misdeclared';

  constructor(
    readonly contract: string,
    readonly problem: string,
  ) {
    super(`${contract} is not a usable contract: ${problem}.`);
  }
}

/** A payload violates its contract. Retrying cannot help. */
export class ContractViolated extends Error {
  override readonly name = 'ContractViolated';
  readonly code = 'contract.violated';

  constructor(
    /** Name of the contract. */
    readonly contract: string,
    readonly violations: readonly string[],
  ) {
    super(`A payload of ${contract} violates its contract: ${violations.join('; ')}.`);
  }
}
