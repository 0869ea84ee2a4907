/** What CMP's answer says about an order, as far as following it needs. */
export interface SeenOrder {
  cmpOrderId: string;
  cmpOrderNumber: string | null;
  /** CMP's word: submitted, processing, completed, error, cancelled, unknown. */
  status: string;
  statusCode: string | null;
  /** Of the asked product, as soon as CMP tells. */
  cmpSubscriptionId: string | null;
  /** By CMP's clock. */
  createdAt: number | null;
}
