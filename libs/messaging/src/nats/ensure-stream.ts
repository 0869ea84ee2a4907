import {
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  type StreamInfo,
} from '@nats-io/jetstream';
import type { StreamDefinition } from './stream-definition.ts';

/** Makes the stream be as defined. May be called by several processes at once. */
export async function ensureStream(jsm: JetStreamManager, wanted: StreamDefinition): Promise<StreamInfo> {
  const found = await infoOf(jsm, wanted.name);
  if (!found) return await jsm.streams.add(wanted);
  return differs(found, wanted) ? await jsm.streams.update(wanted.name, wanted) : found;
}

async function infoOf(jsm: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  try {
    return await jsm.streams.info(name);
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound)
      return undefined;
    throw error;
  }
}

/** Retention and storage cannot be changed, so they are not compared: an update that tries would be refused for ever. */
function differs({ config }: StreamInfo, wanted: StreamDefinition): boolean {
  return (
    config.subjects.join() !== wanted.subjects.join() ||
    config.max_age !== wanted.max_age ||
    config.duplicate_window !== wanted.duplicate_window ||
    config.num_replicas !== wanted.num_replicas
  );
}
