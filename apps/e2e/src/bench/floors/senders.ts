import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connectNats, type RunningNats } from '@isthmus/testing';
import { Webhook } from 'standardwebhooks';
import { Pool } from 'undici';

const window = 1_000;

/** The least that publishing a backlog can take: JetStream's own publish, a thousand at a time, of texts that are ready. */
export async function publishPipelined(nats: RunningNats, payloads: readonly string[]): Promise<number> {
  const core = await connectNats(nats.url, { keys: nats.keys });
  const manager = await jetstreamManager(core);
  await manager.streams.add({ name: 'FLOOR', subjects: ['floor.>'] });
  const bus = jetstream(core);
  const begun = performance.now();
  let underWay: Promise<unknown>[] = [];
  for (const [index, payload] of payloads.entries()) {
    underWay.push(bus.publish('floor.event', payload, { msgID: `floor-${index}` }));
    if (underWay.length < window) continue;
    await Promise.all(underWay);
    underWay = [];
  }
  await Promise.all(underWay);
  const ms = performance.now() - begun;
  await manager.streams.delete('FLOOR');
  await core.close();
  return ms;
}

/** The least that sending webhooks can take: bodies that are ready are signed and posted, several at a time; nothing is recorded. */
export async function postSigned(url: string, bodies: readonly string[], atOnce: number): Promise<number> {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: atOnce });
  const webhook = new Webhook(`whsec_${Buffer.alloc(32, 7).toString('base64')}`);
  const begun = performance.now();
  let next = 0;
  const sender = async () => {
    while (next < bodies.length) {
      const id = `event-${next}`;
      const body = bodies[next++]!;
      const at = new Date();
      const headers = {
        'content-type': 'application/cloudevents+json',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': webhook.sign(id, at, body),
      };
      const answer = await pool.request({ method: 'POST', path: pathname, headers, body });
      await answer.body.dump();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, sender));
  const ms = performance.now() - begun;
  await pool.close();
  return ms;
}
