import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

const window = 1_000;

/** The least publishing a backlog can be: JetStream's own publish, a thousand under way, of texts that lie ready. */
export async function publishPipelined(natsUrl: string, payloads: readonly string[]): Promise<number> {
  const core = await connect({ servers: natsUrl });
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
