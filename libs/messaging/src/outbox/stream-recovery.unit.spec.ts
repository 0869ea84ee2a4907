import type { JetStreamManager, StreamInfo } from '@nats-io/jetstream';
import { lostSince, markOf } from './stream-recovery.ts';

const created = '2026-01-01T00:00:00.000Z';
const lastTs = '2026-01-02T12:00:00.000Z';

const stream = (change: { created?: string; lastSeq?: number; gaps?: number; messages?: number } = {}) =>
  ({
    created: change.created ?? created,
    config: { name: 'ACCOUNT_SYNC' },
    state: {
      last_seq: change.lastSeq ?? 100,
      num_deleted: change.gaps,
      messages: change.messages ?? 100,
      last_ts: lastTs,
      first_ts: created,
    },
  }) as unknown as StreamInfo;

/** Only asked when there is a hole: at 42. */
const jsm = {
  streams: {
    info: () => Promise.resolve({ state: { deleted: [43, 42], first_ts: created } }),
    getMessage: (_: string, { seq }: { seq: number }) =>
      Promise.resolve(seq === 41 ? { time: new Date('2026-01-01T08:00:00Z') } : null),
  },
} as unknown as JetStreamManager;

const known = markOf(stream());

it('has lost nothing while it only grows', async () => {
  expect(await lostSince(jsm, stream({ lastSeq: 200 }), known)).toBeUndefined();
});

it('cannot have lost what was never there', async () => {
  expect(await lostSince(jsm, stream({ lastSeq: 0 }), undefined)).toBeUndefined();
});

it('has lost everything when it was made anew, also when it holds more than before', async () => {
  const anew = stream({ created: '2026-01-03T00:00:00.000Z', lastSeq: 500 });
  expect(await lostSince(jsm, anew, known)).toEqual(new Date(0));
});

it('has lost its end since a minute before its last message', async () => {
  expect(await lostSince(jsm, stream({ lastSeq: 90 }), known)).toEqual(new Date('2026-01-02T11:59:00.000Z'));
});

it('has lost everything when it is empty although something was acknowledged', async () => {
  expect(await lostSince(jsm, stream({ lastSeq: 0, messages: 0 }), known)).toEqual(new Date(0));
});

it('has lost since a minute before the message in front of its first hole', async () => {
  expect(await lostSince(jsm, stream({ gaps: 2 }), known)).toEqual(new Date('2026-01-01T07:59:00.000Z'));
});

it('has lost nothing more when the hole is known', async () => {
  expect(await lostSince(jsm, stream({ gaps: 2 }), { ...known, gaps: 2 })).toBeUndefined();
});
