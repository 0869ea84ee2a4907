import { nameOf, outcomeOf, planOf, type ParkedMessage } from './parked-message.ts';

const message = (id: string, remedy: ParkedMessage['remedy'], subject: string | null) =>
  ({ id, remedy, subject, eventType: 'a.b.v1', detail: `why ${id}` }) as ParkedMessage;

it('retries what can succeed, and leaves alone what can not', () => {
  const rows = planOf([message('1', 'retry', 's'), message('2', 'drop', null)], 'never');
  expect(rows).toEqual([
    { key: '1', name: 'a.b.v1 s', outcome: 'done', detail: 'why 1' },
    { key: '2', name: 'a.b.v1', outcome: 'unchanged', detail: 'never' },
  ]);
  expect(outcomeOf(rows)).toEqual({ done: 1, unchanged: 1, refused: 0, rows });
});

it('is called by what it is and what it is about', () => {
  expect(nameOf({ eventType: 'a.b.v1', subject: 'x' })).toBe('a.b.v1 x');
});
