import {
  type ContractClass,
  contractOf,
  type EventContract,
  eventContracts,
  eventSubjects,
  type RequestContract,
  requestContracts,
  serviceAccess,
  type ServiceName,
} from '@isthmus/contracts';
import { hasStream, streamName } from './jetstream.ts';

/** The NATS permissions of a user; `allow` lists as in its configuration. Everything else is rejected. */
export interface NatsPermissions {
  publish: string[];
  subscribe: string[];
  /** Whether it may respond, once, to each message it receives. */
  responds: boolean;
}

/** The key-value bucket of the call budgets. */
export const callBudgetBucket = 'budgets';

/** Prefix of the subjects on which a user, and no other, receives responses. */
export const inboxPrefix = (user: string): string => `_INBOX.${user}`;

/** A program of one tenant: its user name, and that of its consumers. `{tenant}` is the tenant's token, `{program}` its name. */
export const programName = '{tenant}-{program}';
export const programInboxPrefix = inboxPrefix('program.{tenant}.{program}');

/** JetStream domain under which a program, which has an account of its own, reaches the streams of the services. */
export const programDomain = 'isthmus';

export interface AllPermissions {
  services: Record<ServiceName, NatsPermissions>;
  /** Template for a program of one tenant. */
  program: NatsPermissions & {
    name: string;
    inboxPrefix: string;
    domain: string;
    consumers: ProgramConsumer[];
  };
}

/** A consumer that an operator creates for a program: it can neither create one nor change what this one delivers. */
interface ProgramConsumer {
  stream: string;
  filter: string;
}

/** Translates the table of `serviceAccess` and the contracts to NATS permissions. */
export function natsPermissions(): AllPermissions {
  const services = Object.keys(serviceAccess()) as ServiceName[];
  return {
    services: Object.fromEntries(
      services.map((service) => [service, servicePermissions(service)]),
    ) as AllPermissions['services'],
    program: programPermissions(services.filter(hasStream)),
  };
}

function servicePermissions(service: ServiceName): NatsPermissions {
  const { consumes, watches, requests, callsCmp } = serviceAccess()[service];
  const served = requestContracts().filter((contract) => contract.service === service);
  return {
    publish: [
      ...eventContracts()
        .filter(({ producer }) => producer === service)
        .map((contract) => eventSubjects(contract)),
      ...requests.map((request) => (contractOf(request) as RequestContract).subject),
      ...(hasStream(service) ? streamApi(service) : []),
      ...consumerApi(service, consumes),
      ...(callsCmp ? bucketApi(callBudgetBucket) : []),
    ].sort(),
    subscribe: [
      `${inboxPrefix(service)}.>`,
      ...served.map(({ subject }) => subject),
      ...watches.map((watched) => eventSubjects(eventOf(watched))),
    ].sort(),
    responds: served.length > 0,
  };
}

const eventOf = (type: ContractClass): EventContract => contractOf(type) as EventContract;

/** Permissions to create its own stream, to detect lost messages and to read earlier ones. */
const streamApi = (service: string): string[] =>
  ['INFO', 'CREATE', 'UPDATE', 'MSG.GET'].map((action) => `$JS.API.STREAM.${action}.${streamName(service)}`);

/**
 * Permissions to consume other services' streams with consumers of its own name. A single filter is part of the request's
 * subject.
 */
function consumerApi(consumer: string, consumed: readonly ContractClass[]): string[] {
  const byProducer = Map.groupBy(consumed.map(eventOf), ({ producer }) => producer);
  return [...byProducer].flatMap(([producer, contracts]) => {
    const at = `${streamName(producer)}.${consumer}`;
    return [
      `$JS.API.CONSUMER.INFO.${at}`,
      contracts.length === 1
        ? `$JS.API.CONSUMER.CREATE.${at}.${eventSubjects(contracts[0]!)}`
        : `$JS.API.CONSUMER.DURABLE.CREATE.${at}`,
      `$JS.API.CONSUMER.MSG.NEXT.${at}`,
      `$JS.ACK.${at}.>`,
    ];
  });
}

/** Permissions to create and use a bucket. The client first reads the account's JetStream information. */
function bucketApi(bucket: string): string[] {
  const stream = `KV_${bucket}`;
  return [
    ...['INFO', 'CREATE', 'UPDATE', 'MSG.GET'].map((action) => `$JS.API.STREAM.${action}.${stream}`),
    '$JS.API.INFO',
    `$JS.API.DIRECT.GET.${stream}.>`,
    `$KV.${bucket}.>`,
  ];
}

/**
 * A program of one tenant subscribes to that tenant's events, and takes from the consumers that were created for it. It creates
 * none: NATS binds a consumer's filter to the permission, but not the subject to which a consumer pushes. These subjects are those
 * of the program's own account; the server's configuration maps them to the account of the services.
 */
function programPermissions(producers: ServiceName[]): AllPermissions['program'] {
  const at = producers.map((producer) => `${streamName(producer)}.${programName}`);
  return {
    name: programName,
    inboxPrefix: programInboxPrefix,
    domain: programDomain,
    publish: at
      .flatMap((consumer) => [
        `$JS.${programDomain}.API.CONSUMER.INFO.${consumer}`,
        `$JS.${programDomain}.API.CONSUMER.MSG.NEXT.${consumer}`,
        `$JS.ACK.${consumer}.>`,
      ])
      .sort(),
    subscribe: ['*.{tenant}.>', `${programInboxPrefix}.>`],
    responds: false,
    consumers: producers.map((producer) => ({
      stream: streamName(producer),
      filter: `${producer}.{tenant}.>`,
    })),
  };
}
