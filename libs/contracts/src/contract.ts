/** A contract class: what `new` makes of it is the payload's type. */
export type ContractClass<T extends object = object> = new () => T;

/** The services that own a stream or respond to requests; the first token of every subject. */
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
  /** `<service>.<noun>-<past-participle>.v<major>` */
  subject: string;
  producer: ServiceName;
  /** What the envelope's aggregate id and version are of. */
  aggregate: string;
  summary: string;
  type: ContractClass<T>;
}

/** A request's class names its response in a static property, so that `Asker.ask` can tell the compiler its type. */
export interface AskClass<Q extends object = object, A extends object = object> {
  new (): Q;
  readonly answer: ContractClass<A>;
}

/** A query or command from one service to another, responded to at once or not at all. */
export interface AskContract<Q extends object = object, A extends object = object> {
  kind: 'ask';
  /** `ask.<service>.<verb>-<noun>` */
  subject: string;
  /** The one that responds. */
  service: ServiceName;
  summary: string;
  type: AskClass<Q, A>;
}

export type Contract = EventContract | AskContract;

/** Declares that a class is the contract of an event. */
export function Event(declared: Omit<EventContract, 'kind' | 'type'>) {
  return <T extends object>(type: ContractClass<T>): void => {
    const shape = /^([a-z]+(?:-[a-z]+)*)\.[a-z]+(?:-[a-z]+)+\.v[1-9]\d*$/;
    const expected = `${declared.producer}.<noun>-<past-participle>.v<major>`;
    requireSubject(type, declared.subject, shape, declared.producer, expected);
    register({ kind: 'event', type, ...declared });
  };
}

/** Declares that a class is the contract of a request. */
export function Ask(declared: Omit<AskContract, 'kind' | 'type'>) {
  return <Q extends object, A extends object>(type: AskClass<Q, A>): void => {
    const shape = /^ask\.([a-z]+(?:-[a-z]+)*)\.[a-z]+(?:-[a-z]+)+$/;
    requireSubject(type, declared.subject, shape, declared.service, `ask.${declared.service}.<verb>-<noun>`);
    register({ kind: 'ask', type, ...declared });
  };
}

/** @throws ContractMisdeclared when the subject is of another shape, or another service's */
function requireSubject(
  type: ContractClass,
  subject: string,
  shape: RegExp,
  owner: ServiceName,
  expected: string,
): void {
  if (shape.exec(subject)?.[1] === owner) return;
  throw new ContractMisdeclared(type.name, `the subject ${subject} is not ${expected}`);
}

const byClass = new Map<ContractClass, Contract>();
const bySubject = new Map<string, Contract>();

/** @throws ContractMisdeclared when two classes claim one subject */
function register(contract: Contract): void {
  const other = bySubject.get(contract.subject);
  if (other) {
    throw new ContractMisdeclared(
      contract.type.name,
      `the subject ${contract.subject} belongs to ${other.type.name}`,
    );
  }
  byClass.set(contract.type, contract);
  bySubject.set(contract.subject, contract);
}

const ofKind = <K extends Contract['kind']>(kind: K) =>
  [...bySubject.values()]
    .filter((contract): contract is Extract<Contract, { kind: K }> => contract.kind === kind)
    .sort((a, b) => (a.subject < b.subject ? -1 : 1));

/** Every event of every service, by subject. */
export const eventContracts = (): EventContract[] => ofKind('event');

/** Every request one service may send to another, by subject. */
export const askContracts = (): AskContract[] => ofKind('ask');

/**
 * What was declared on a contract class.
 *
 * @throws ContractMisdeclared when the class carries no contract
 */
export function contractOf(type: ContractClass): Contract {
  const contract = byClass.get(type);
  if (!contract) throw new ContractMisdeclared(type.name, 'it carries neither @Event nor @Ask');
  return contract;
}

/** The contract with this subject, or nothing if it is not one of ours. */
export const contractBySubject = (subject: string): Contract | undefined => bySubject.get(subject);

/** A contract class contradicts its decorator. A mistake in the code, found while it loads. */
export class ContractMisdeclared extends Error {
  override readonly name = 'ContractMisdeclared';
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
    readonly subject: string,
    readonly violations: readonly string[],
  ) {
    super(`A payload of ${subject} violates its contract: ${violations.join('; ')}.`);
  }
}
