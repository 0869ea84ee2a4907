import { ackDecisionFor } from './consumer.ts';

const retry = { localDelaysMs: [], redeliveryDelaysMs: [500, 2_000], maxDeliveries: 4 };

it('takes a message off the stream only when its effect is committed', () => {
  expect(ackDecisionFor('done', 9, retry)).toEqual({ is: 'ack' });
  for (const outcome of ['unprocessable', 'failed', 'shutting-down'] as const)
    expect(ackDecisionFor(outcome, 1, retry).is).not.toBe('ack');
});

it('has a failing message delivered again more and more rarely, and then parks it', () => {
  expect([1, 2, 3, 4].map((tries) => ackDecisionFor('failed', tries, retry))).toEqual([
    { is: 'nak', afterMs: 500 },
    { is: 'nak', afterMs: 2_000 },
    { is: 'nak', afterMs: 2_000 },
    { is: 'park' },
  ]);
});

it('parks at once what can never succeed, and hands back at once what was stopped', () => {
  expect(ackDecisionFor('unprocessable', 1, retry)).toEqual({ is: 'park' });
  expect(ackDecisionFor('shutting-down', 9, retry)).toEqual({ is: 'nak' });
});
