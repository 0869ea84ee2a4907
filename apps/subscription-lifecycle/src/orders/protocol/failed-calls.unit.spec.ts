import { CmpRejected, type CmpRejectionCategory } from '@isthmus/cmp-client';
import { ConnectorNotUsable } from '@isthmus/cmp-connections';
import { outcomeOfFailedCall, outcomeOfFailedSend } from './failed-calls.ts';

const rejected = (
  category: CmpRejectionCategory,
  cmpMessage: string,
  more: { outcome?: 'refused' | 'unknown'; clear?: boolean } = {},
) =>
  new CmpRejected(category, {
    operation: 'orders.place',
    outcome: 'unknown',
    httpStatus: 500,
    cmpMessage,
    ...more,
  });

it.each([
  [
    'clear words',
    rejected('business', 'The window has expired.', { clear: true }),
    { observed: 'no-answer', clear: true },
  ],
  [
    'words that CMP is known for',
    rejected('business', 'Cannot Upgrade/Downgrade Resources: on hold.', { outcome: 'refused', clear: true }),
    { observed: 'no-answer', clear: true },
  ],
  [
    'unclear words',
    rejected('business', 'Oh.', { clear: false }),
    { observed: 'no-answer', clear: false, words: 'Oh.' },
  ],
  [
    'another order under way',
    rejected('business', 'This order prohibits placing an order', { outcome: 'refused', clear: true }),
    { observed: 'conflict' },
  ],
  [
    'a definite no',
    rejected('validation', 'quantity must be positive', { outcome: 'refused' }),
    { observed: 'refused-by-cmp' },
  ],
])('a POST answered with %s', (_, error, evidence) => {
  expect(outcomeOfFailedSend(error)).toMatchObject(evidence);
});

it('tells a pause, which somebody will end, from a connector that is gone', () => {
  const paused = new ConnectorNotUsable('c1', 'it is paused', 'Resume the connector.', { paused: true });
  expect(outcomeOfFailedCall(paused)).toMatchObject({
    paused: true,
    reason: {
      code: 'connector-paused',
      detail: 'Connector c1 cannot be used: it is paused.',
      nextStep: 'Resume the connector. The order then continues automatically.',
    },
  });
  const gone = outcomeOfFailedCall(new ConnectorNotUsable('c1', 'there is none', 'Look whether it exists.'));
  expect(gone).toMatchObject({ paused: false, reason: { code: 'connector.not-usable' } });
});
