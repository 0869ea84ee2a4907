import type {
  CmpClient,
  CmpOrderDetail,
  CmpOrderLine,
  CmpOrderRequest,
  CmpOrderRequestLine,
  CmpParameterValidation,
  CmpSubscriptionDetail,
} from '@isthmus/cmp-client';
import type { PartnerAttestationV1 } from '@isthmus/contracts';
import { isURL } from 'class-validator';
import type { Acceptance, ObservedOrder, OrderProduct, OrderRecord, OrderSpec } from '../order.ts';
import { otherTerms } from '../resolving/order-command.ts';

/** The calls of CMP that ordering needs. `CmpClient` provides them; the simulation has its own. */
export interface CmpOrdering {
  orders: Pick<CmpClient['orders'], 'estimate' | 'place' | 'page' | 'get' | 'update'>;
  subscriptions: Pick<CmpClient['subscriptions'], 'get' | 'update'>;
  parameters: Pick<CmpClient['parameters'], 'validate'>;
  /** The connector's attestation; absent until it is recorded. */
  partnerAttestation?: PartnerAttestationV1 | undefined;
}

/**
 * The attribute that carries the marker in addition to `poNumber`: an automatic renewal copies one of them, but not the
 * other.
 */
const markerAttribute = 'isthmusOrder';

/** The order as it is sent to CMP. A renewal setting is not an order there, but a change of the subscription. */
export function orderRequest(
  spec: Exclude<OrderSpec, { kind: 'renewal-setting' }>,
  marker: string,
): CmpOrderRequest {
  const marked = {
    customerId: spec.cmpAccountId,
    poNumber: marker,
    attributes: { [markerAttribute]: marker },
  };
  switch (spec.kind) {
    case 'create':
      return {
        type: 'sales',
        ...marked,
        ...(spec.product.term ? { subscriptionPeriod: spec.product.term } : {}),
        products: [
          {
            ...lineOf(spec.product, spec.seats),
            ...(spec.parameters.length > 0 ? { parameters: spec.parameters } : {}),
          },
        ],
      };
    case 'change-quantity':
      return {
        type: 'change',
        ...marked,
        subscriptionId: spec.cmpSubscriptionId,
        ...(spec.when === 'renewal' ? { scheduledOn: 'renewal' as const } : {}),
        products: [{ ...lineOf(spec.product, spec.seats), subscriptionId: spec.cmpSubscriptionId }],
      };
    case 'cancel':
      return { type: 'cancellation', ...marked, subscriptionId: spec.cmpSubscriptionId };
  }
}

const lineOf = (product: OrderProduct, quantity: number): CmpOrderRequestLine => ({
  mpn: product.mpn,
  vendor: product.vendor,
  ...(product.cmpProductId ? { id: product.cmpProductId } : {}),
  quantity,
  ...(product.billingPeriod ? { billingPeriod: product.billingPeriod } : {}),
  ...(product.term ? { subscriptionPeriod: product.term } : {}),
});

export type Likeness = { is: 'ours' } | { is: 'lookalike'; why: string } | { is: 'other' };

export const cmpOrderTypes = {
  create: 'sales',
  'change-quantity': 'change',
  cancel: 'cancellation',
} as const;

/**
 * Determines whether an order found at CMP is ours. The marker alone proves nothing, because CMP copies the purchase order number
 * into automatic renewals; type, subscription and lines must match. An order that matches but has no number, or that has our
 * number but does not match, may be ours and needs a manual decision.
 */
export function likeness(order: OrderRecord, found: CmpOrderDetail, clockSkew: number): Likeness {
  const { spec } = order;
  if (spec.kind === 'renewal-setting' || found.type !== cmpOrderTypes[spec.kind]) return { is: 'other' };
  if (found.customerId !== spec.cmpAccountId) return { is: 'other' };
  if (Date.parse(found.creationDate) < (order.firstSentAt ?? order.requestedAt) - clockSkew)
    return { is: 'other' };
  const marked = found.poNumber === order.marker || found.attributes[markerAttribute] === order.marker;
  const unlike = difference(spec, order.seatsBefore, found);
  if (marked)
    return unlike === null ? { is: 'ours' } : { is: 'lookalike', why: `it has our number, but ${unlike}` };
  const unnumbered = !found.poNumber && found.attributes[markerAttribute] === undefined;
  return unlike === null && unnumbered
    ? { is: 'lookalike', why: 'it has the same contents and no purchase order number' }
    : { is: 'other' };
}

/** True if a partly unreadable order may be ours: it has our number, or no readable number. */
export function mayBeOurs({ marker }: OrderRecord, { poNumber, attributes }: CmpOrderDetail): boolean {
  const numbers = [poNumber, attributes[markerAttribute]].filter(Boolean);
  return numbers.length === 0 || numbers.includes(marker);
}

function difference(
  spec: Exclude<OrderSpec, { kind: 'renewal-setting' }>,
  seatsBefore: number | null,
  found: CmpOrderDetail,
): string | null {
  if (spec.kind !== 'create' && !namedSubscriptions(found).includes(spec.cmpSubscriptionId))
    return 'it concerns another subscription';
  if (spec.kind === 'cancel') return null;
  const line = found.products.find((product) => isProduct(product, spec.product));
  if (!line) return `it has no line of ${spec.product.mpn}`;
  const other = otherTerms(spec.product, line);
  if (other) return `it has ${other}`;
  // CMP shows an immediate change as the difference and a scheduled one as the total.
  const difference = seatsBefore === null ? undefined : spec.seats - seatsBefore;
  const agrees =
    line.quantity === spec.seats || (spec.kind === 'change-quantity' && line.quantity === difference);
  const unsaid = spec.kind === 'change-quantity' && seatsBefore === null;
  return agrees || unsaid ? null : `its quantity is ${line.quantity}`;
}

const namedSubscriptions = (found: CmpOrderDetail): (string | undefined)[] => [
  found.subscriptionId,
  ...found.products.map(({ subscriptionId }) => subscriptionId),
];

/** Compares CMP's ids if both sides have one, otherwise MPNs. */
export const isProduct = (line: Pick<CmpOrderLine, 'id' | 'mpn'>, product: OrderProduct): boolean =>
  line.id !== undefined && product.cmpProductId !== undefined
    ? line.id === product.cmpProductId
    : line.mpn === product.mpn;

/** The data that is stored about an order at CMP. */
export function observeOrder(
  spec: OrderSpec,
  detail: CmpOrderDetail,
  signs: CmpSigns = defaultSigns,
): ObservedOrder {
  const created = Date.parse(detail.creationDate);
  return {
    cmpOrderId: detail.id,
    cmpOrderNumber: detail.orderNumber ?? null,
    status: detail.status,
    statusCode: detail.statusCode ?? null,
    cmpSubscriptionId: orderedSubscription(spec, detail) ?? null,
    createdAt: Number.isNaN(created) ? null : created,
    total: detail.total,
    held: isHeld(detail, signs),
    acceptance: requestedAcceptance(detail, signs),
  };
}

/** A purchase may create several subscriptions if CMP adds products; this is the one of the ordered product. */
function orderedSubscription(spec: OrderSpec, detail: CmpOrderDetail): string | undefined {
  if (spec.kind !== 'create') return spec.cmpSubscriptionId;
  const line = detail.products.find((product) => isProduct(product, spec.product));
  return line?.subscriptionId ?? detail.subscriptionId;
}

const ended = new Set(['terminated', 'removed']);

/**
 * Compares the subscription with the state that the order requested: null, or a description of the difference. Only this confirms
 * an order.
 */
export function missingEffect(spec: OrderSpec, subscription: CmpSubscriptionDetail): string | null {
  const { id, status } = subscription;
  if (spec.kind === 'cancel') return ended.has(status) ? null : `subscription ${id} is still ${status}`;
  if (spec.kind === 'renewal-setting') {
    const is = subscription.renewalStatus;
    return is === spec.autoRenew ? null : `subscription ${id} has auto-renew ${is ? 'on' : 'off'}`;
  }
  if (status !== 'active') return `subscription ${id} is ${status}`;
  const line = subscription.products.find((product) => isProduct(product, spec.product));
  if (!line) return `subscription ${id} has no line of ${spec.product.mpn}`;
  const other = otherTerms(spec.product, subscription);
  // At a renewal, other users may have changed the term as well.
  if (other && (spec.kind === 'create' || spec.when === 'now')) return `subscription ${id} has ${other}`;
  return line.quantity === spec.seats
    ? null
    : `subscription ${id} has ${line.quantity} seats, not ${spec.seats}`;
}

/**
 * The signs by which an order at CMP shows that it awaits manual intervention. They are not documented publicly, so all of them
 * are settings.
 */
export interface CmpSigns {
  /** CMP's internal codes of an order that a user has to confirm in the control panel. */
  holdCodes: readonly string[];
  /** Names of attributes and parameters with a link that the customer has to open and accept. */
  linkFields: readonly string[];
}

export const defaultSigns: CmpSigns = {
  holdCodes: ['HL', 'NP'],
  linkFields: [
    'acceptance_link',
    'acceptance_url',
    'customer_acceptance_link',
    'customer_acceptance_url',
    'attestation_link',
    'attestation_url',
    'mca_attestation_link',
    'mca_link',
  ],
};

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** Accepts only links to which a browser may safely be sent. */
const safe = (link: string): string | null =>
  link.length <= 2000 && isURL(link, { protocols: ['https'], require_protocol: true, disallow_auth: true })
    ? link
    : null;

function acceptanceAmong(
  fields: readonly (readonly [string, string | undefined])[],
  { linkFields }: CmpSigns,
): Acceptance | null {
  const wanted = new Set(linkFields.map(plain));
  const values = fields.flatMap(([name, value]) =>
    wanted.has(plain(name)) && value?.trim() ? [value.trim()] : [],
  );
  if (values.length === 0) return null;
  return { link: values.map(safe).find((link) => link !== null) ?? null };
}

/** The acceptance that an open order requires from the customer. */
const requestedAcceptance = (detail: CmpOrderDetail, signs: CmpSigns): Acceptance | null =>
  ['completed', 'error', 'cancelled'].includes(detail.status) && !isHeld(detail, signs)
    ? null
    : acceptanceAmong(
        [
          ...Object.entries(detail.attributes),
          ...detail.products.flatMap(({ parameters }) =>
            parameters.map(({ name, value }) => [name, value] as const),
          ),
        ],
        signs,
      );

/** The acceptance that CMP requires from the customer before it accepts the parameters of a purchase. */
export const acceptanceNeeded = (
  validations: readonly CmpParameterValidation[],
  signs: CmpSigns,
): Acceptance | null =>
  acceptanceAmong(
    validations.flatMap(({ parameters }) =>
      parameters
        .filter(({ result }) => result !== 'success')
        .map(({ name, value }) => [name, value] as const),
    ),
    signs,
  );

/** True if a user has to confirm the order in the control panel, according to its code or its status. */
const isHeld = (
  { statusCode = '', statusWord = '' }: Pick<CmpOrderDetail, 'statusCode' | 'statusWord'>,
  { holdCodes }: CmpSigns,
): boolean =>
  holdCodes.some((code) => code.toUpperCase() === statusCode.trim().toUpperCase()) ||
  /hold/i.test(statusWord);
