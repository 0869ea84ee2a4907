import { Logger } from '@nestjs/common';
import { jetstreamManager, type Consumer, type JsMsg } from '@nats-io/jetstream';
import { ensureConsumer, type ConsumerDefinition } from '../nats/ensure-consumer.ts';
import { ensureStream } from '../nats/ensure-stream.ts';
import type { NatsConnection } from '../nats/nats-connection.ts';
import { runLoop } from '../retry-loop.ts';
import type { StreamDefinition } from '../nats/stream-definition.ts';

interface Taking {
  nats: NatsConnection;
  stream: StreamDefinition;
  consumer: ConsumerDefinition;
  take: (message: JsMsg) => Promise<void>;
  signal: AbortSignal;
}

const waitMs = 5_000;

/**
 * Takes one message at a time until the signal says stop. Nothing is fetched ahead: an item that waits behind a long one
 * belongs to another worker.
 */
export async function takeForEver({ nats, stream, consumer, take, signal }: Taking): Promise<void> {
  let pull: Consumer | undefined;
  const run = async () => {
    const from = pull ?? (await prepare({ nats, stream, consumer, signal }));
    // Until this round has gone well, the next one prepares anew.
    pull = undefined;
    const message = await next(from, signal);
    if (message) await take(message);
    pull = from;
    return true;
  };
  const log = new Logger(`${consumer.stream}/${consumer.durable}`);
  await runLoop({ name: 'Taking work', run, idleMs: 0, isOutage: () => true, log }, signal);
}

async function prepare({ nats, stream, consumer, signal }: Omit<Taking, 'take'>): Promise<Consumer> {
  const jsm = await jetstreamManager(await nats.ready(signal), { checkAPI: false });
  await ensureStream(jsm, stream);
  await ensureConsumer(jsm, consumer);
  return await jsm.jetstream().consumers.get(consumer.stream, consumer.durable);
}

async function next(pull: Consumer, signal: AbortSignal): Promise<JsMsg | undefined> {
  const messages = await pull.fetch({ max_messages: 1, expires: waitMs });
  const stop = () => messages.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted) messages.stop();
    for await (const message of messages) return message;
    return undefined;
  } finally {
    signal.removeEventListener('abort', stop);
    messages.stop();
  }
}
