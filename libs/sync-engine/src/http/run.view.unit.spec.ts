import { runProgress, silenceReason, type RunPace } from './run.view.ts';

const now = new Date('2026-11-22T12:00:00Z');
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);
const run: RunPace = {
  status: 'running',
  done: 250,
  total: 1000,
  phaseStartedAt: ago(10),
  heartbeatAt: ago(1),
  waiting: null,
};

it('tells share, pace and time left of the phase', () => {
  expect(runProgress(run, now)).toEqual({ percent: 25, ratePerSecond: 25, etaSeconds: 30 });
});

it('promises nothing while it cannot know', () => {
  expect(runProgress({ ...run, total: null }, now)).toEqual({
    percent: null,
    ratePerSecond: 25,
    etaSeconds: null,
  });
  expect(runProgress({ ...run, done: 0 }, now)).toEqual({
    percent: 0,
    ratePerSecond: null,
    etaSeconds: null,
  });
});

it('never shows more than 100 percent, nor a negative time, when a listing grew', () => {
  expect(runProgress({ ...run, done: 1100 }, now)).toMatchObject({ percent: 100, etaSeconds: 0 });
});

it('is at 100 percent when it has succeeded and stays where it was when it failed', () => {
  expect(runProgress({ ...run, status: 'succeeded', done: 3, total: null }, now).percent).toBe(100);
  expect(runProgress({ ...run, status: 'failed' }, now)).toEqual({
    percent: 25,
    ratePerSecond: null,
    etaSeconds: null,
  });
});

it('is not silent while its heart beats', () => {
  expect(silenceReason(run, now)).toBeNull();
});

it.each<[string, Partial<RunPace>, RegExp, string | null]>([
  [
    'a limit',
    { waiting: { reason: 'CMP limits its calls.', until: '2026-11-22T12:01:00Z' } },
    /limits/,
    '2026-11-22T12:01:00Z',
  ],
  ['the queue', { status: 'queued', heartbeatAt: null }, /free sync worker/, null],
  ['a dead worker', { heartbeatAt: ago(61) }, /not responded since 2026-11-22T11:58:59/, null],
  ['approval', { status: 'awaiting-approval' }, /approves/, null],
])('explains its silence by %s', (_, change, reason, until) => {
  expect(silenceReason({ ...run, ...change }, now)).toEqual({ reason: expect.stringMatching(reason), until });
});

it('has nothing to explain once it ended', () => {
  for (const status of ['succeeded', 'failed', 'cancelled'] as const)
    expect(silenceReason({ ...run, status, heartbeatAt: ago(900) }, now)).toBeNull();
});
