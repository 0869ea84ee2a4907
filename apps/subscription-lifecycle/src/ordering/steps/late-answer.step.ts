import { note } from './note.ts';
import type { StepAction } from './step.ts';

/** What a worker heard after it had lost the order: adopted, known already, or a second order at CMP. */
export const adoptLateAnswer: StepAction = async (held, ports) => {
  const { order } = held;
  const { lateAnswer, cmpOrderId } = order;
  if (!lateAnswer) return held;
  if (!cmpOrderId) return note(held, { saw: 'found', order: lateAnswer }, ports);
  if (cmpOrderId === lateAnswer.cmpOrderId) return ports.store.save(held, { ...order, lateAnswer: null });
  return note(held, { saw: 'several', cmpOrderIds: [cmpOrderId, lateAnswer.cmpOrderId] }, ports);
};
