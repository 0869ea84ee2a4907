import { defaultSigns } from '../domain/order/cmp-signs.ts';
import { missingEffect } from '../domain/order/effect-of.ts';
import { judgeChecks } from '../domain/order/judge-checks.ts';
import { learn } from '../domain/order/learn.ts';
import { nextStep } from '../domain/order/next-step.ts';
import { orderRequest } from '../domain/order/order-request.ts';
import { defaultPatience } from '../domain/order/patience.ts';
import { likeness } from '../domain/order/same-order.ts';
import { beginSending, takeOver } from '../domain/order/send.ts';
import { evidenceOfFailedSending } from './failure-evidence.ts';

/** Every decision of the protocol. The simulation's audit swaps one at a time for a wrong one. */
export const orderingRules = {
  patience: defaultPatience,
  nextStep,
  learn,
  beginSending,
  takeOver,
  judgeChecks,
  likeness,
  missingEffect,
  orderRequest,
  evidenceOfFailedSending,
  /** By what CMP shows that it waits for a person. */
  signs: defaultSigns,
  /** How lists of orders are read. */
  listing: { pageSize: 500, overlap: 10 },
  /** Whether a listing that is not proven complete may still show that an order is absent. */
  trustsIncompleteListings: false,
};

export type OrderingRules = typeof orderingRules;
