import { Logger } from '@nestjs/common';
import {
  jetstreamManager,
  type ConsumerMessages,
  type JetStreamManager,
  type JsMsg,
} from '@nats-io/jetstream';
import { ensureConsumer, type ConsumerDefinition } from '../nats/ensure-consumer.ts';
import { ensureStream } from '../nats/ensure-stream.ts';
import type { NatsConnection } from '../nats/nats-connection.ts';
import { runLoop } from '../retry-loop.ts';
import type { StreamDefinition } from '../nats/stream-definition.ts';

interface Consumption {
  nats: NatsConnection;
  stream: StreamDefinition;
  consumer: ConsumerDefinition;
  /** Messages fetched ahead of the handlers. */
  prefetch: number;
  /** Must not reject; resolves when the next message may come. */
  take: (message: JsMsg) => Promise<void>;
  signal: AbortSignal;
}

/**
 * Takes messages until the signal says stop. Whatever else ends a consumption (the stream or the consumer deleted, the store
 * wiped, heartbeats missed) is logged and it begins anew, making the stream and the consumer again where they are gone.
 */
export async function consumeForEver(consumption: Consumption): Promise<void> {
  const { consumer, signal } = consumption;
  const run = async () => {
    await consumeOnce(consumption);
    if (!signal.aborted) throw new Error(`Consumer ${consumer.durable} of ${consumer.stream} was lost.`);
  };
  const log = new Logger(`${consumer.stream}/${consumer.durable}`);
  await runLoop({ name: 'Consumption', run, idleMs: 0, isOutage: () => true, log }, signal);
}

async function consumeOnce({ nats, stream, consumer, prefetch, take, signal }: Consumption): Promise<void> {
  const core = await nats.ready(signal);
  const jsm: JetStreamManager = await jetstreamManager(core, { checkAPI: false });
  await ensureStream(jsm, stream);
  await ensureConsumer(jsm, consumer);
  const pull = await jsm.jetstream().consumers.get(consumer.stream, consumer.durable);
  // Short expiry, because it sets the heartbeat by which a lost consumer is noticed.
  const messages = await pull.consume({
    max_messages: prefetch,
    expires: 10_000,
    abort_on_missing_resource: true,
  });
  const stop = () => messages.stop();
  signal.addEventListener('abort', stop, { once: true });
  void stopWhenSilent(messages);
  try {
    if (signal.aborted) return;
    for await (const message of messages) {
      await take(message);
      if (signal.aborted) return;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    messages.stop();
  }
}

/** The client goes on pulling from a consumer that is not there any more in some cases; a fresh start always finds out. */
async function stopWhenSilent(messages: ConsumerMessages): Promise<void> {
  for await (const status of messages.status()) {
    const lost =
      status.type === 'consumer_not_found' ||
      status.type === 'stream_not_found' ||
      status.type === 'consumer_deleted';
    if (lost || status.type === 'no_responders' || (status.type === 'heartbeats_missed' && status.count >= 2))
      messages.stop();
  }
}
