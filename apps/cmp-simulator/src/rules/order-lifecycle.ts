export type OrderStatus = 'submitted' | 'processing' | 'completed' | 'error' | 'cancelled';
export type OrderAction = 'start' | 'schedule' | 'complete' | 'fail' | 'withdraw';

/** The life of an order: what is absent is refused. A scheduled order is withdrawn by its code, see `withdrawable`. */
export const orderLifecycle = {
  submitted: { start: 'processing', schedule: 'processing', fail: 'error', withdraw: 'cancelled' },
  processing: { start: 'processing', complete: 'completed', fail: 'error', withdraw: 'cancelled' },
  completed: {},
  error: {},
  cancelled: {},
} as const satisfies Record<OrderStatus, Partial<Record<OrderAction, OrderStatus>>>;

/** CloudBlue's internal code that an action leaves on the order; `HL` is a submitted order waiting for confirmation. */
export const codeAfter = {
  start: 'LO',
  schedule: 'AS',
  complete: 'CP',
  fail: 'PF',
  withdraw: 'CL',
} as const satisfies Record<OrderAction, string>;

export type StatusCode = (typeof codeAfter)[OrderAction] | 'WP' | 'HL';

/** What CMP says after "in status": the code is part of the text. */
export const statusWords: Record<StatusCode, string> = {
  WP: 'Waiting for Payment(WP)',
  HL: 'Hold(HL)',
  LO: 'Provisioning is in progress(LO)',
  AS: 'Activation is scheduled(AS)',
  CP: 'Completed(CP)',
  PF: 'Provisioning failed(PF)',
  CL: 'Cancelled(CL)',
};
