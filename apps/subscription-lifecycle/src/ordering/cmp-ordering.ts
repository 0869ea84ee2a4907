import type { CmpClient } from '@isthmus/cmp-client';
import type { PartnerAttestationV1 } from '@isthmus/contracts';

/** What ordering needs of CMP. `CmpClient` is one; the simulation brings its own. */
export interface CmpOrdering {
  orders: Pick<CmpClient['orders'], 'estimate' | 'place' | 'page' | 'get' | 'update'>;
  subscriptions: Pick<CmpClient['subscriptions'], 'get' | 'update'>;
  parameters: Pick<CmpClient['parameters'], 'validate'>;
  /** Of the connector; absent while nobody recorded it. */
  partnerAttestation?: PartnerAttestationV1 | undefined;
}
