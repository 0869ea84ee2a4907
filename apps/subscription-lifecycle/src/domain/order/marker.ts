/**
 * The marker of an order, from its id: short enough for CMP's purchase order number, unique as the id is, and readable
 * over the telephone. The same order has the same marker however often it is sent.
 */
export const markerOf = (orderId: string): string =>
  `ISM-${BigInt(`0x${orderId.replaceAll('-', '')}`)
    .toString(36)
    .toUpperCase()
    .padStart(25, '0')}`;
