import { DomainError, type FieldError } from '@isthmus/domain';
import type { ParameterError } from './resolving/microsoft-parameters.ts';

/** The reasons for rejecting a command before anything is sent. The codes determine the HTTP status. */
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

/** The command cannot be carried out; no call to CMP was made. */
export class OrderRefused extends DomainError {
  declare readonly nextStep: string;

  /**
   * @param offer what can be done instead, for programs
   * @param errors the fields of the command that caused it
   */
  constructor(
    reason: RefusalCode,
    detail: string,
    nextStep: string,
    offer?: Readonly<Record<string, unknown>>,
    errors?: readonly FieldError[],
  ) {
    super(detail, {
      code: `order.${reason}`,
      nextStep,
      errors,
      ...(offer && { title: 'The order is rejected', details: { offer } }),
    });
  }
}

/** The subscription has several lines, and the named one is missing, unknown or ambiguous. */
export function noSuchLine(
  subscription: string,
  lines: readonly { mpn: string; cmpProductId: string; name: string; seats: number }[],
  mpn: string | undefined,
  productId?: string,
): OrderRefused {
  const requested = [mpn, productId].filter((part) => part !== undefined).join(' ');
  const fitting = lines.filter(
    (line) => line.mpn === (mpn ?? line.mpn) && line.cmpProductId === (productId ?? line.cmpProductId),
  ).length;
  const twins = new Set(lines.map((line) => line.mpn)).size < lines.length;
  const names = lines
    .map(({ mpn: own, cmpProductId, name, seats }) =>
      [own, `(${[name, ...(twins ? [cmpProductId || 'no id'] : []), `${seats} seats`].join(', ')})`].join(
        ' ',
      ),
    )
    .join(', ');
  if (lines.length === 0)
    return new OrderRefused(
      'no-such-line',
      `The product lines of ${subscription} have not been read from CMP yet.`,
      'Sync the subscription, then order again.',
    );
  const several = fitting > 1 ? `${fitting} product lines` : 'no product line';
  return new OrderRefused(
    'no-such-line',
    requested === ''
      ? `${subscription} has ${lines.length} product lines, and the order does not specify which one: ${names}.`
      : `${subscription} has ${several} ${requested}. It has ${names}.`,
    productId !== undefined && fitting > 1
      ? "An order cannot distinguish these lines: change them in CMP's control panel."
      : `Specify the mpn of the line${twins ? ', and its cmpProductId if several lines have that mpn' : ''}.`,
    {
      lines: lines.map(({ mpn: own, cmpProductId, name, seats }) => ({
        mpn: own,
        cmpProductId,
        name,
        seats,
      })),
    },
  );
}

/** The next step for recording the partner-of-record attestation, wherever an order lacks it. */
export const recordAttestation = (connectorId: string): string =>
  `Record it once for the connector, with PUT /v1/connectors/${connectorId}/partner-attestation, then order again.`;

/** CMP, or a setting of ours, requires an attestation that is not recorded. */
export const attestationNeeded = (connectorId: string): OrderRefused =>
  new OrderRefused(
    'attestation-needed',
    `The purchase requires the partner-of-record attestation, which is not recorded for connector ${connectorId}.`,
    recordAttestation(connectorId),
  );

/** The parameters of a purchase are invalid; no call to CMP was made. */
export class TenantParametersRefused extends DomainError {
  static override readonly code = 'order.tenant-parameters-refused';
  declare readonly nextStep: string;

  constructor(wrong: readonly ParameterError[]) {
    const needsTenant = wrong.some(({ name, isMissing }) => name === 'microsoft_tenant_id' && isMissing);
    super(`CMP would not accept the parameters: ${wrong.map(sentence).join('; ')}.`, {
      title: 'The parameters of the purchase are not valid',
      nextStep: needsTenant
        ? "Set customDomain of the customer's provider account, or give microsoft_domain, and order again. GET /v1/purchase-parameters lists what the product needs and what is known."
        : 'Fix the parameters listed in errors and order again.',
      errors: wrong.map((one) => ({ field: `parameters.${one.name}`, message: sentence(one) })),
    });
  }
}

const sentence = ({ name, message }: ParameterError): string => `${name} ${message}`;

/** No order of this tenant has this id. */
export class OrderNotFound extends DomainError {
  static override readonly code = 'order.not-found';

  constructor(orderId: string) {
    super(`There is no order ${orderId}.`, { nextStep: 'Use an id from GET /v1/orders.' });
  }
}

/** No provider account of this tenant has this id. */
export class AccountNotFound extends DomainError {
  static override readonly code = 'provider-account.not-found';

  constructor(providerAccountId: string) {
    super(`There is no provider account ${providerAccountId}.`, {
      nextStep: 'Use an id from GET /v1/provider-accounts.',
    });
  }
}
