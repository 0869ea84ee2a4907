import { newOrder, type OrderRecord, reason } from '../order.ts';
import { beginSending, nextStep, takeOver } from './order-policy.ts';
import { defaultRetryPolicy as retryPolicy } from './retry-policy.ts';
import { applyOutcome } from './step-outcomes.ts';

const t0 = Date.UTC(2026, 5, 1, 12);
const minute = 60_000;
const why = reason('x', 'something', 'wait');
const product = { vendor: 'MICROSOFT', mpn: 'CFQ7TTC0LH16:0001' };
const planned = newOrder(
  '0b0e6d38-9f1c-4b1e-8a3e-0f7c6f0f6f01',
  { kind: 'create', cmpAccountId: '100', product, seats: 5, parameters: [] },
  { highestTotal: null, extraProducts: 'any' },
  t0,
);
const moment = (now: number, longestSeen = 0) => ({ now, retryPolicy, longestSeen });
const sending = beginSending({ ...planned, checkedAt: t0 }, t0);
const unknown = applyOutcome(
  sending,
  { observed: 'no-answer', reason: why, words: null },
  moment(t0 + minute),
);
const absentAt = (order: OrderRecord, minutes: number, longestSeen = 0) =>
  applyOutcome(
    order,
    { observed: 'absent', since: t0 + minutes * minute },
    moment(t0 + minutes * minute, longestSeen),
  );
const seen = {
  cmpOrderId: '9',
  cmpOrderNumber: 'SO9',
  status: 'submitted',
  statusCode: null,
  cmpSubscriptionId: null,
  createdAt: t0,
};

describe('an order whose answer was lost', () => {
  it('is looked for, never sent at once', () => {
    expect(unknown.status).toBe('unknown');
    expect(nextStep(unknown, t0 + 2 * minute, retryPolicy)).toBe('reconcile');
  });

  it('is adopted when it is found', () => {
    expect(applyOutcome(unknown, { observed: 'found', order: seen }, moment(t0 + 2 * minute))).toMatchObject({
      status: 'accepted',
      cmpOrderId: '9',
    });
  });

  it('stays unknown after one look without a trace however late, and after two that came too soon', () => {
    expect(absentAt(unknown, 500).status).toBe('unknown');
    expect(absentAt(absentAt(unknown, 2), 29).status).toBe('unknown');
  });

  it('is planned again after two looks, the last one past twice the longest time CMP ever took', () => {
    expect(absentAt(absentAt(unknown, 2), 30).status).toBe('planned');
    expect(absentAt(absentAt(unknown, 2), 30, 40 * minute).status).toBe('unknown');
    expect(absentAt(absentAt(unknown, 2), 80, 40 * minute).status).toBe('planned');
  });

  it('looks once more when time has passed between the last look and sending again', () => {
    const again = absentAt(absentAt(unknown, 2), 30);
    expect(nextStep(again, t0 + 31 * minute, retryPolicy)).toBe('check');
    expect(nextStep(again, t0 + 90 * minute, retryPolicy)).toBe('reverify');
  });

  it('is sent twice at most; then somebody is asked', () => {
    const second = beginSending(absentAt(absentAt(unknown, 2), 30), t0 + 30 * minute);
    const lost = applyOutcome(
      second,
      { observed: 'no-answer', reason: why, words: null },
      moment(t0 + 31 * minute),
    );
    const alarmed = absentAt(absentAt(lost, 35), 90);
    expect(alarmed).toMatchObject({ status: 'needs-attention', reason: { code: 'no-trace' } });
    expect(alarmed.reason!.nextStep).toContain(planned.marker);
    expect(nextStep(alarmed, t0 + 900 * minute, retryPolicy)).toBe('reconcile');
  });

  it('counts as refused when CMP had answered with a refusal in words', () => {
    const doubted = applyOutcome(
      sending,
      { observed: 'no-answer', reason: why, words: 'Not today.' },
      moment(t0 + minute),
    );
    expect(absentAt(absentAt(doubted, 2), 30)).toMatchObject({
      status: 'refused',
      reason: { code: 'refused-by-cmp' },
    });
  });

  it('is withdrawn instead of being sent again when somebody asked for that', () => {
    expect(absentAt(absentAt({ ...unknown, withdrawRequested: true }, 2), 30).status).toBe('withdrawn');
  });

  it('is found in two places: nothing is done but telling somebody', () => {
    const two = applyOutcome(unknown, { observed: 'several', cmpOrderIds: ['8', '9'] }, moment(t0 + minute));
    expect(two).toMatchObject({ status: 'needs-attention', reason: { code: 'several-at-cmp' } });
    expect(nextStep(two, t0 + 1e9, retryPolicy)).toBe('none');
  });
});

describe('an order that another worker was sending', () => {
  it('is never sent again without having been looked for', () => {
    expect(nextStep(sending, t0 + 300 * minute, retryPolicy)).toBe('recover');
  });
});

describe('an order that did not reach CMP', () => {
  it('is sent again later, without counting', () => {
    const back = applyOutcome(
      sending,
      { observed: 'not-sent', reason: why, retryAfter: 7 * minute },
      moment(t0),
    );
    expect(back).toMatchObject({ status: 'planned', attempts: 0, nextStepAt: t0 + 7 * minute });
    expect(nextStep(back, t0 + 7 * minute, retryPolicy)).toBe('check');
  });
});

describe('an order that met another one under way', () => {
  it('waits on its first attempt, but on its second may have met itself', () => {
    const met = { observed: 'conflict' as const, reason: why };
    expect(applyOutcome(sending, met, moment(t0)).status).toBe('planned');
    expect(applyOutcome({ ...sending, attempts: 2 }, met, moment(t0)).status).toBe('unknown');
  });
});

describe('an order that CMP has', () => {
  const accepted = applyOutcome(sending, { observed: 'answered', order: seen }, moment(t0));
  const followed = (status: string, now = t0) =>
    applyOutcome(accepted, { observed: 'followed', order: { ...seen, status } }, moment(now));

  it('is proven by reading the subscription, not by CMP saying completed', () => {
    const proving = followed('completed');
    expect(proving.status).toBe('proving');
    expect(nextStep(proving, t0, retryPolicy)).toBe('reread');
    expect(applyOutcome(proving, { observed: 'effect' }, moment(t0)).status).toBe('settled');
  });

  it('is raised when CMP says completed and nothing moves, and settles later if it does', () => {
    let order = followed('completed');
    for (let n = 0; n < 20 && order.status === 'proving'; n += 1)
      order = applyOutcome(order, { observed: 'no-effect', difference: 'there are 3' }, moment(t0 + n));
    expect(order).toMatchObject({ status: 'completed-not-effective', reason: { code: 'no-effect' } });
    expect(applyOutcome(order, { observed: 'effect' }, moment(t0)).status).toBe('settled');
  });

  it('is raised after days in the portal, and still followed', () => {
    const raised = followed('submitted', t0 + retryPolicy.confirmWithin);
    expect(raised).toMatchObject({ status: 'needs-attention', reason: { code: 'not-finished-by-cmp' } });
    expect(nextStep(raised, t0 + 1e9, retryPolicy)).toBe('follow');
    expect(
      applyOutcome(raised, { observed: 'followed', order: { ...seen, status: 'completed' } }, moment(t0))
        .status,
    ).toBe('proving');
  });

  it('is refused when CMP fails or cancels it, and withdrawn when that was asked', () => {
    expect(followed('error')).toMatchObject({ status: 'refused', reason: { code: 'failed-at-cmp' } });
    expect(followed('cancelled')).toMatchObject({ status: 'refused', reason: { code: 'cancelled-at-cmp' } });
    const requested = applyOutcome(
      { ...accepted, withdrawRequested: true },
      { observed: 'followed', order: { ...seen, status: 'cancelled' } },
      moment(t0),
    );
    expect(requested.status).toBe('withdrawn');
  });

  it('brings a late answer home even after it was given up', () => {
    const late = { ...planned, status: 'refused' as const, lateAnswer: seen };
    expect(nextStep(late, t0, retryPolicy)).toBe('apply-late-response');
    expect(applyOutcome(late, { observed: 'found', order: seen }, moment(t0))).toMatchObject({
      status: 'accepted',
      lateAnswer: null,
    });
  });
});

describe('an order that CMP refused in clear words, with a 500', () => {
  const words = 'The cancellation window of 168 hours has expired.';
  const refused = applyOutcome(
    sending,
    { observed: 'no-answer', reason: why, words, clear: true },
    moment(t0 + 10_000),
  );

  it('is unknown until one complete look that came late enough finds nothing, and then refused in those words', () => {
    expect(refused.status).toBe('unknown');
    const early = absentAt(refused, 1);
    expect(early.status).toBe('unknown');
    expect(early.nextStepAt).toBe(t0 + 2 * minute);
    expect(absentAt(refused, 2).status).toBe('unknown');
    expect(absentAt(early, 3)).toMatchObject({
      status: 'refused',
      reason: { code: 'refused-by-cmp', detail: expect.stringContaining(words) },
    });
    expect(absentAt(refused, 3).status).toBe('refused');
  });

  it('has its time from the answer on, however late a worker that stood still has sent it', () => {
    const late = applyOutcome(
      sending,
      { observed: 'no-answer', reason: why, words, clear: true },
      moment(t0 + 2 * minute),
    );
    expect(absentAt(late, 3).status).toBe('unknown');
    expect(absentAt(late, 4).status).toBe('refused');
  });

  it('is accepted when CMP took it all the same', () => {
    expect(applyOutcome(refused, { observed: 'found', order: seen }, moment(t0 + minute)).status).toBe(
      'accepted',
    );
  });

  it('is looked for as long as any other when the words are not clear', () => {
    const unclear = applyOutcome(
      sending,
      { observed: 'no-answer', reason: why, words: 'Something went wrong.', clear: false },
      moment(t0),
    );
    expect(absentAt(absentAt(unclear, 2), 3).status).toBe('unknown');
    expect(absentAt(absentAt(unclear, 2), 30).status).toBe('refused');
  });

  it('says nothing of a later attempt whose answer was lost', () => {
    const again = beginSending({ ...refused, status: 'planned' }, t0 + 40 * minute);
    const taken = takeOver(again, t0 + 41 * minute);
    expect(absentAt(absentAt(taken, 43), 50).status).toBe('unknown');
  });
});

it('waits through a pause of its connector without being given up, and is escalated after three days', () => {
  const paused = { observed: 'call-failed', reason: why, retryAfter: null, paused: true } as const;
  let order = planned;
  for (let n = 0; n < 100; n += 1) order = applyOutcome(order, paused, moment(t0 + n * minute));
  expect(order).toMatchObject({ status: 'planned', idleSteps: 0, reason: why });
  expect(applyOutcome(order, paused, moment(t0 + 72 * 60 * minute)).status).toBe('needs-attention');
});
