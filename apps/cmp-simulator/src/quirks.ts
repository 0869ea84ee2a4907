/** Unconfirmed behaviour of CMP: each is a switch, its default what the rest of Isthmus assumes. */
export interface Quirks {
  /** Status of a refusal by a business rule. */
  refusalStatus: 400 | 500;
  /** Whether `quantity` in a posted change order is the new total or the difference. */
  changeQuantity: 'total' | 'delta';
  /** Whether a change parked until renewal forbids an immediate one; otherwise the immediate one withdraws it. */
  scheduledBlocksChanges: boolean;
  /** Whether a month-to-month renewal ends the record and starts another one under a new id. */
  monthlyRenewalStartsNewRecord: boolean;
  /** Whether a cancellation in the first 24 hours returns everything. */
  fullRefundFirstDay: boolean;
  /** Whether every order waits in `submitted` until it is confirmed in the portal. */
  portalConfirmation: boolean;
  /** Whether `expirationDate` is the renewal date instead of the day before. */
  expirationOnRenewalDate: boolean;
  /** Whether an NCE purchase needs `partner_on_record_attestation_accepted`. */
  attestationRequired: boolean;
  /** How a call with a token is refused whose session has ended. */
  deadTokenStatus: 401 | 403;
  /** After how many calls the session behind a token ends; null for never. */
  callsPerToken: number | null;
  /** Whether a new token ends the sessions of all before it. */
  newTokenEndsOthers: boolean;
  /**
   * Whether the customer has to open a link and accept before an NCE purchase continues: not at all, before CMP accepts its
   * parameters, or after it has accepted the order, which then shows the link in `attributes`.
   */
  customerAcceptance: 'none' | 'validation' | 'order';
  /** Whether an NCE commitment that ends without auto-renew runs on month by month (extended service term) instead of ending. */
  extendedServiceTerm: boolean;
}

export const defaultQuirks: Quirks = {
  refusalStatus: 500,
  changeQuantity: 'total',
  scheduledBlocksChanges: false,
  monthlyRenewalStartsNewRecord: false,
  fullRefundFirstDay: false,
  portalConfirmation: false,
  expirationOnRenewalDate: false,
  attestationRequired: false,
  deadTokenStatus: 401,
  callsPerToken: null,
  newTokenEndsOthers: false,
  customerAcceptance: 'none',
  extendedServiceTerm: false,
};
