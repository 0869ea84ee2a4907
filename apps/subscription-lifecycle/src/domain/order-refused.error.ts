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
  'term-differs',
  'product-differs',
  'attestation-needed',
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
export function noSuchLine(
  subscription: string,
  lines: readonly { mpn: string; name: string; seats: number }[],
  asked: string | undefined,
): OrderRefused {
  const names = lines.map(({ mpn, name, seats }) => `${mpn} (${name}, ${seats} seats)`).join(', ');
  if (lines.length === 0)
    return new OrderRefused(
      'no-such-line',
      `The product lines of ${subscription} have not been read from CMP yet.`,
      'Sync the subscription, then order again.',
    );
  return new OrderRefused(
    'no-such-line',
    asked === undefined
      ? `${subscription} has ${lines.length} product lines, and the order does not say which one it is about: ${names}.`
      : `${subscription} has no product line ${asked}. It has ${names}.`,
    'Name the mpn of the line that is meant.',
    { lines: lines.map(({ mpn, name, seats }) => ({ mpn, name, seats })) },
  );
}

/** Where the partner-of-record attestation is recorded, said wherever an order lacks it. */
export const recordAttestation = (connectorId: string): string =>
  `Record it once for the connector, with PUT /v1/connectors/${connectorId}/partner-attestation, then order again.`;

/** CMP, or a setting of ours, asks for an attestation that nobody has recorded. */
export const attestationNeeded = (connectorId: string): OrderRefused =>
  new OrderRefused(
    'attestation-needed',
    `The purchase needs the partner-of-record attestation, which is not recorded for connector ${connectorId}.`,
    recordAttestation(connectorId),
  );
