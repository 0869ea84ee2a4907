import type { CmpClient } from '@isthmus/cmp-client';

/** What ordering needs of CMP. `CmpClient` is one; the simulation brings its own. */
export interface CmpOrdering {
  orders: Pick<CmpClient['orders'], 'estimate' | 'place' | 'page' | 'get' | 'update'>;
  subscriptions: Pick<CmpClient['subscriptions'], 'get' | 'update'>;
  parameters: Pick<CmpClient['parameters'], 'validate'>;
}
