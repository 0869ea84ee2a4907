import type { JetStreamManager, StreamInfo } from '@nats-io/jetstream';
import type { StreamMark } from './outbox-relay-state.entity.ts';

/** The clocks of the database's clients and of JetStream may differ by so much. */
const slackMs = 60_000;

/** What a stream is now, in the words of its mark. */
export const markOf = ({ created, state }: StreamInfo): StreamMark => ({
  created: new Date(created).toISOString(),
  lastSeq: state.last_seq,
  gaps: state.num_deleted ?? 0,
});

/**
 * From when on a stream has lost messages, compared with what it was and what it acknowledged; undefined when it has all.
 * Acknowledged messages can be lost: https://jepsen.io/analyses/nats-2.12.1.
 */
export async function lostSince(
  jsm: JetStreamManager,
  info: StreamInfo,
  known: StreamMark | undefined,
): Promise<Date | undefined> {
  if (!known) return undefined;
  const now = markOf(info);
  if (now.created !== known.created) return new Date(0);
  if (now.lastSeq < known.lastSeq)
    return earlier(info.state.messages === 0 ? 0 : Date.parse(String(info.state.last_ts)));
  // Nobody deletes single events, so a hole means loss; done work items leave holes by nature.
  if (info.config.retention === 'limits' && now.gaps > known.gaps) return await beforeFirstHole(jsm, info);
  return undefined;
}

async function beforeFirstHole(jsm: JetStreamManager, info: StreamInfo): Promise<Date> {
  const { state } = await jsm.streams.info(info.config.name, { deleted_details: true });
  const hole = Math.min(...(state.deleted ?? []));
  const before = Number.isFinite(hole)
    ? await jsm.streams.getMessage(info.config.name, { seq: hole - 1 })
    : null;
  return earlier(before ? before.time.getTime() : Date.parse(String(state.first_ts)));
}

const earlier = (time: number): Date => new Date(Math.max(0, time - slackMs));
