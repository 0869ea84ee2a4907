import { eventContracts } from '@isthmus/contracts';
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
import { nanos } from '@nats-io/transport-node';

export type StreamDefinition = Pick<
  StreamConfig,
  'name' | 'subjects' | 'retention' | 'storage' | 'max_age' | 'duplicate_window' | 'num_replicas'
>;

const day = 24 * 60 * 60 * 1000;

/** Whether a service publishes events and therefore has a stream. */
export const hasStream = (service: string): boolean =>
  eventContracts().some(({ producer }) => producer === service);

/** All events of a producer, for a week; for a consumer that was down longer, the outbox is replayed. */
export const eventStream = (producer: string, replicas: number): StreamDefinition => ({
  name: streamName(producer),
  subjects: [`${producer}.>`],
  retention: RetentionPolicy.Limits,
  storage: StorageType.File,
  max_age: nanos(7 * day),
  // Only an optimisation: the inbox recognises what is published twice later than this.
  duplicate_window: nanos(2 * 60 * 1000),
  num_replicas: replicas,
});

/** The stream of a producer's events. */
export const streamName = (producer: string): string => producer.toUpperCase().replaceAll('-', '_');

/** Creates or updates the stream. Several processes may call it concurrently. */
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

/** Retention and storage cannot be changed, so they are not compared: such an update would be rejected every time. */
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

/**
 * Creates or updates the durable consumer; one with other subjects keeps its position. Only the producer may create the stream.
 */
export async function ensureConsumer(jsm: JetStreamManager, wanted: ConsumerDefinition): Promise<void> {
  // Both, so that an update replaces the one by the other.
  const filter =
    wanted.subjects.length === 1
      ? { filter_subject: wanted.subjects[0], filter_subjects: undefined }
      : { filter_subject: undefined, filter_subjects: [...wanted.subjects].sort() };
  const changeable = {
    ...filter,
    ack_wait: nanos(wanted.ackWaitMs),
    max_ack_pending: wanted.maxAckPending,
    // Unlimited: we count the deliveries ourselves and park, where the server would just stop delivering.
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
    if (!(error instanceof JetStreamApiError)) throw error;
    if (error.code === JetStreamApiCodes.ConsumerNotFound) return undefined;
    if (error.code !== JetStreamApiCodes.StreamNotFound) throw error;
    throw new Error(`Stream ${stream} does not exist yet; the service that publishes to it creates it.`, {
      cause: error,
    });
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
