import {
  AckPolicy,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type ConsumerInfo,
  type JetStreamManager,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';

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
  const found = await infoOf(jsm, wanted);
  if (!found) {
    await jsm.consumers.add(wanted.stream, {
      durable_name: wanted.durable,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ...changeable,
    });
  } else if (differs(found, wanted)) {
    await jsm.consumers.update(wanted.stream, wanted.durable, changeable);
  }
}

async function infoOf(
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

function differs({ config }: ConsumerInfo, wanted: ConsumerDefinition): boolean {
  const subjects = config.filter_subjects ?? (config.filter_subject ? [config.filter_subject] : []);
  return (
    [...subjects].sort().join() !== [...wanted.subjects].sort().join() ||
    config.ack_wait !== nanos(wanted.ackWaitMs) ||
    config.max_ack_pending !== wanted.maxAckPending ||
    config.max_deliver !== -1
  );
}
