import { eventContracts, workContracts, type Contract } from '@isthmus/contracts';
import { RetentionPolicy, StorageType, type StreamConfig } from '@nats-io/jetstream';
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
