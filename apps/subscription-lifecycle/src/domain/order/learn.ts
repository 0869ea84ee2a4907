import type { Evidence } from './evidence.ts';
import { onAcceptanceNeeded, onAlreadySo, onChecksPassed, onChecksRefused } from './learn/from-checks.ts';
import { onCallFailed } from './learn/from-failed-call.ts';
import { onFollowed, onMissing, onWithdrawalRefused } from './learn/from-following.ts';
import { onAbsent, onFound, onLookalike, onSeveral } from './learn/from-looking.ts';
import { onEffect, onNoEffect } from './learn/from-rereading.ts';
import {
  onAnswered,
  onCarriedOut,
  onConflict,
  onNoAnswer,
  onNotSent,
  onRefusedByCmp,
} from './learn/from-sending.ts';
import type { Learning, Moment } from './learn/learning.ts';
import type { OrderRecord } from './order-record.ts';

const learnings: { [Kind in Evidence['saw']]: Learning<Kind> } = {
  'checks-passed': onChecksPassed,
  'acceptance-needed': onAcceptanceNeeded,
  'already-so': onAlreadySo,
  'checks-refused': onChecksRefused,
  answered: onAnswered,
  'carried-out': onCarriedOut,
  'refused-by-cmp': onRefusedByCmp,
  conflict: onConflict,
  'not-sent': onNotSent,
  'no-answer': onNoAnswer,
  found: onFound,
  absent: onAbsent,
  several: onSeveral,
  lookalike: onLookalike,
  followed: onFollowed,
  missing: onMissing,
  'withdrawal-refused': onWithdrawalRefused,
  effect: onEffect,
  'no-effect': onNoEffect,
  'call-failed': onCallFailed,
};

/** What an order is after a step brought something to light. Pure; throws IllegalOrderAction for what cannot be. */
export const learn = <Kind extends Evidence['saw']>(
  order: OrderRecord,
  evidence: Extract<Evidence, { saw: Kind }>,
  moment: Moment,
): OrderRecord => (learnings[evidence.saw] as Learning<Kind>)(order, evidence as never, moment);
