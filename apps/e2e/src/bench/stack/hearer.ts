import { Controller } from '@nestjs/common';
import { ProviderAccountLinkedV1 } from '@isthmus/contracts';
import { On, type Message } from '@isthmus/messaging';
import { startBusService, type BusServiceSettings } from './bus-service.ts';
import { settingsOf } from './program.ts';

/** When each event reached the handler, in milliseconds since 1970 with fractions. */
const reached = new Map<string, number>();

@Controller()
class NoteArrival {
  @On(ProviderAccountLinkedV1)
  handle(_data: ProviderAccountLinkedV1, message: Message): Promise<void> {
    if (!reached.has(message.id)) reached.set(message.id, performance.timeOrigin + performance.now());
    return Promise.resolve();
  }
}

/** A consumer in a process of its own: says when it listens, and at the end when each event came. */
const service = await startBusService(settingsOf<BusServiceSettings>(), [NoteArrival]);
process.stdout.write(`${JSON.stringify({ listening: service.url })}\n`);
process.on('SIGTERM', () => {
  process.stdout.write(`${JSON.stringify([...reached])}\n`);
  void service.close().then(() => process.exit(0));
});
