import { type Contract, eventContracts, workContracts } from '@isthmus/contracts';
import {
  AckPolicy,
  type ConsumerInfo,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';

export type StreamDefinition = Pick<
  StreamConfig,
  'name' | 'subjects' | 'retention' | 'storage' | 'max_age' | 'duplicate_window' | 'num_replicas'
>;

const day = 24 * 60 * 60 * 1000;

/** The stream that carries a contract; derived from its subject, never configured by hand. */
export function streamNameOf(contract: Pick<Contract, 'kind' | 'subject'>): string {
  const [first, second] = contract.subject.split('.');
  return contract.kind === 'work' ? `WORK_${screaming(second!)}` : screaming(first!);
}

/** The streams a service publishes to: its events, and its own work. */
export function streamsOf(service: string, replicas: number): StreamDefinition[] {
  const streams: StreamDefinition[] = [];
  if (eventContracts().some(({ producer }) => producer === service))
    streams.push(eventStream(service, replicas));
  if (workContracts().some((contract) => contract.service === service))
    streams.push(workStream(service, replicas));
  return streams;
}

/** All a producer says, for a week; a consumer that was away longer is told again from the outbox. */
export const eventStream = (producer: string, replicas: number): StreamDefinition => ({
  name: screaming(producer),
  subjects: [`${producer}.>`],
  retention: RetentionPolicy.Limits,
  ...common(replicas),
});

/** A service's work items, each gone when it is done. */
export const workStream = (service: string, replicas: number): StreamDefinition => ({
  name: `WORK_${screaming(service)}`,
  subjects: [`work.${service}.>`],
  retention: RetentionPolicy.Workqueue,
  ...common(replicas),
});

const common = (replicas: number) => ({
  storage: StorageType.File,
  max_age: nanos(7 * day),
  // Only an optimisation: what is published twice later than this, the inbox recognises.
  duplicate_window: nanos(2 * 60 * 1000),
  num_replicas: replicas,
});

const screaming = (name: string): string => name.toUpperCase().replaceAll('-', '_');

/** Makes the stream be as defined. May be called by several processes at once. */
export async function ensureStream(jsm: JetStreamManager, wanted: StreamDefinition): Promise<StreamInfo> {
  const found = await streamInfo(jsm, wanted.name);
  if (!found) return await jsm.streams.add(wanted);
  return streamDiffers(found, wanted) ? await jsm.streams.update(wanted.name, wanted) : found;
}

async function streamInfo(jsm: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  try {
    return await jsm.streams.info(name);
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound)
      return undefined;
    throw error;
  }
}

/** Retention and storage cannot be changed, so they are not compared: an update that tries would be refused for ever. */
function streamDiffers({ config }: StreamInfo, wanted: StreamDefinition): boolean {
  return (
    config.subjects.join() !== wanted.subjects.join() ||
    config.max_age !== wanted.max_age ||
    config.duplicate_window !== wanted.duplicate_window ||
    config.num_replicas !== wanted.num_replicas
  );
}

export interface ConsumerDefinition {
  stream: string;
  durable: string;
  subjects: readonly string[];
  ackWaitMs: number;
  maxAckPending: number;
}

/** Makes the durable consumer be as defined; one with other subjects is updated and keeps its place. */
export async function ensureConsumer(jsm: JetStreamManager, wanted: ConsumerDefinition): Promise<void> {
  const filter =
    wanted.subjects.length === 1
      ? { filter_subject: wanted.subjects[0] }
      : { filter_subjects: [...wanted.subjects].sort() };
  const changeable = {
    ...filter,
    ack_wait: nanos(wanted.ackWaitMs),
    max_ack_pending: wanted.maxAckPending,
    // Unlimited: we count the tries ourselves and park, where the server would only fall silent.
    max_deliver: -1,
  };
  const found = await consumerInfo(jsm, wanted);
  if (!found) {
    await jsm.consumers.add(wanted.stream, {
      durable_name: wanted.durable,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ...changeable,
    });
  } else if (consumerDiffers(found, wanted)) {
    await jsm.consumers.update(wanted.stream, wanted.durable, changeable);
  }
}

async function consumerInfo(
  jsm: JetStreamManager,
  { stream, durable }: ConsumerDefinition,
): Promise<ConsumerInfo | undefined> {
  try {
    return await jsm.consumers.info(stream, durable);
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.ConsumerNotFound)
      return undefined;
    throw error;
  }
}

function consumerDiffers({ config }: ConsumerInfo, wanted: ConsumerDefinition): boolean {
  const subjects = config.filter_subjects ?? (config.filter_subject ? [config.filter_subject] : []);
  return (
    [...subjects].sort().join() !== [...wanted.subjects].sort().join() ||
    config.ack_wait !== nanos(wanted.ackWaitMs) ||
    config.max_ack_pending !== wanted.maxAckPending ||
    config.max_deliver !== -1
  );
}
