import { seeOrder } from '../../domain/order/see-order.ts';
import { isNotFound, reasonOf } from '../failure-evidence.ts';
import { note } from './note.ts';
import type { StepAction } from './step.ts';

/** Reads the order at CMP. */
export const follow: StepAction = async (held, ports, cmp) => {
  const { order } = held;
  if (!order.cmpOrderId) throw new Error(`Order ${order.id} is followed without CMP's id of it.`);
  try {
    const detail = await cmp.orders.get(order.cmpOrderId);
    return await note(
      held,
      { saw: 'followed', order: seeOrder(order.ask, detail, ports.rules.signs) },
      ports,
    );
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return note(held, { saw: 'missing', reason: reasonOf(error) }, ports);
  }
};
