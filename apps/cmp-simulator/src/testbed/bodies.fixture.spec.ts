/** Bodies that CMP accepts, to be varied by a spec. */
export const month = { type: 'month', duration: 1 } as const;
export const year = { type: 'year', duration: 1 } as const;

/** Business Basic on an annual term, billed monthly, for a tenant of the customer's own. */
export function sale(customerId: string, more: object = {}, line: object = {}) {
  return {
    type: 'sales',
    customerId,
    poNumber: 'PO-TEST-1',
    subscriptionPeriod: year,
    products: [
      {
        mpn: 'CFQ7TTC0LH16:0001',
        quantity: 5,
        billingPeriod: month,
        parameters: [{ name: 'microsoft_domain', value: 'specification.onmicrosoft.com' }],
        ...line,
      },
    ],
    ...more,
  };
}

/** A new total of seats for a subscription. */
export function change(
  subscription: { id: string; customerId: string; products: { id: string; mpn: string }[] },
  quantity: number | string,
  more: object = {},
) {
  const { id, mpn } = subscription.products[0]!;
  return {
    type: 'change',
    customerId: subscription.customerId,
    products: [{ subscriptionId: subscription.id, mpn, id, quantity }],
    ...more,
  };
}

export const newCustomer = {
  name: 'Specification Ltd',
  address: { streetAddress: '1 High Street', city: 'Leeds', postalCode: 'LS1 4AP', countryCode: 'GB' },
  contactPersons: [
    {
      type: 'admin',
      firstName: 'Jane',
      lastName: 'Doe',
      email: 'jane@specification.example',
      phoneNumber: '44#20#7000000#',
    },
  ],
  language: 'en_US',
};
