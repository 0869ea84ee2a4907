import { activeSubscription } from './active-subscription.ts';
import type { OrderKind } from './order-kinds.ts';
import { completeRenewal, renewalDraft } from './renewal.ts';

/** A renewal asked for through the API: the next term is bought before the present one ends. */
export const renewalOrder: OrderKind = {
  draft(world, request) {
    const draft = renewalDraft(activeSubscription(world, request));
    return { ...draft, attributes: request.attributes, poNumber: request.poNumber ?? draft.poNumber };
  },
  complete: completeRenewal,
};
