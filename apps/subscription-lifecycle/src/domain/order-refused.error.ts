/** Why a command is refused before anything is sent. The codes decide the HTTP status. */
export const refusalCodes = [
  'legacy-update-not-supported',
  'trial-not-supported',
  'azure-not-supported',
  'upgrade-not-supported',
  'migration-not-supported',
  'decrease-outside-window',
  'cancellation-window-closed',
  'subscription-not-active',
  'connector-removed',
  'no-renewal',
  'no-such-line',
  'quantity-out-of-range',
  'nothing-to-change',
  'part-number-not-resolved',
  'scheduled-changes-would-be-lost',
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

/** The command cannot be carried out; CMP was not asked. */
export class OrderRefused extends Error {
  override readonly name = 'OrderRefused';
  readonly code: `order.${RefusalCode}`;

  constructor(
    reason: RefusalCode,
    detail: string,
    readonly nextStep: string,
    /** What can be done instead, for programs. */
    readonly offer?: Readonly<Record<string, unknown>>,
  ) {
    super(detail);
    this.code = `order.${reason}`;
  }
}

/** The subscription has several lines and none is named, or not the one that is. */
export const noSuchLine = (subscription: string): OrderRefused =>
  new OrderRefused(
    'no-such-line',
    `${subscription} has no such product line.`,
    'Read the subscription and name the mpn of one of its lines.',
  );
