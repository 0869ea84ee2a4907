import type { BudgetStore } from '@isthmus/cmp-client';
import { callBudgetBucket, type NatsConnection } from '@isthmus/messaging';
import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import { Kvm, type KV } from '@nats-io/kv';

/** The call budgets of all processes, in a NATS key-value bucket. Keys may be any string. */
export function budgetStore(nats: NatsConnection, bucket = callBudgetBucket): BudgetStore {
  let opened: Promise<KV> | undefined;
  const open = (): Promise<KV> => {
    opened ??= nats.ready().then((core) => new Kvm(core).create(bucket, { history: 1 }));
    opened.catch(() => (opened = undefined));
    return opened;
  };
  /** If the server lost its files, the bucket is lost too: the next call creates it again. */
  const inBucket = async <T>(work: (kv: KV) => Promise<T>): Promise<T> => {
    const bucketNow = open();
    try {
      return await work(await bucketNow);
    } catch (error) {
      if (isLostRace(error) || opened !== bucketNow) throw error;
      opened = undefined;
      return work(await open());
    }
  };
  return {
    async get(key) {
      const entry = await inBucket((kv) => kv.get(encoded(key)));
      return entry?.operation === 'PUT' ? { value: entry.string(), revision: entry.revision } : undefined;
    },
    async put(key, value, expectedRevision) {
      try {
        await inBucket((kv) =>
          expectedRevision === undefined
            ? kv.create(encoded(key), value)
            : kv.update(encoded(key), value, expectedRevision),
        );
        return true;
      } catch (error) {
        if (isLostRace(error)) return false;
        throw error;
      }
    },
  };
}

/** Keys of a bucket are subjects, which allow few characters. */
const encoded = (key: string): string => Buffer.from(key).toString('base64url');

const isLostRace = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamWrongLastSequence;
