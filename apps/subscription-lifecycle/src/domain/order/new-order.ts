import { markerOf } from './marker.ts';
import type { OrderAsk } from './order-ask.ts';
import type { Consent, OrderRecord } from './order-record.ts';
import { defaultPatience } from './patience.ts';

/** An accepted command as an order that nothing has been done about. */
export const newOrder = (
  id: string,
  ask: OrderAsk,
  consent: Consent,
  now: number,
  more: Pick<OrderRecord, 'terms' | 'warnings'> = {},
): OrderRecord => ({
  ...more,
  id,
  marker: markerOf(id),
  ask,
  consent,
  askedAt: now,
  status: 'planned',
  reason: null,
  checkedAt: null,
  seatsBefore: null,
  attempts: 0,
  attemptsAllowed: defaultPatience.attempts,
  firstSentAt: null,
  lastSentAt: null,
  doubtfulRefusal: null,
  absentLooks: 0,
  lastAbsentAt: null,
  lateAnswer: null,
  cmpOrderId: null,
  cmpOrderNumber: null,
  cmpStatus: null,
  cmpSubscriptionId: ask.kind === 'create' ? null : ask.cmpSubscriptionId,
  acceptedAt: null,
  completedAt: null,
  finishedAt: null,
  withdrawAsked: false,
  idleSteps: 0,
  nextStepAt: now,
});
