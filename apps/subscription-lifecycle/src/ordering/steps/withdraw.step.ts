import { CmpRejected } from '@isthmus/cmp-client';
import { seeOrder } from '../../domain/order/see-order.ts';
import { reasonOf } from '../failure-evidence.ts';
import { note } from './note.ts';
import type { StepAction } from './step.ts';

/** Asks CMP to cancel an order that is still waiting there. Asking twice does no harm. */
export const withdraw: StepAction = async (held, ports, cmp) => {
  const { order } = held;
  if (!order.cmpOrderId) throw new Error(`Order ${order.id} is withdrawn without CMP's id of it.`);
  try {
    const detail = await cmp.orders.update(order.cmpOrderId, { statusCode: 'CL' });
    return await note(
      held,
      { saw: 'followed', order: seeOrder(order.ask, detail, ports.rules.signs) },
      ports,
    );
  } catch (error) {
    if (!(error instanceof CmpRejected) || !['business', 'validation', 'conflict'].includes(error.category))
      throw error;
    // It may have been cancelled already; reading it tells.
    const detail = await cmp.orders.get(order.cmpOrderId);
    if (detail.status === 'cancelled')
      return note(held, { saw: 'followed', order: seeOrder(order.ask, detail, ports.rules.signs) }, ports);
    return note(held, { saw: 'withdrawal-refused', reason: reasonOf(error) }, ports);
  }
};
