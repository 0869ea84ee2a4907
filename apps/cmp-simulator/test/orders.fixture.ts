import type { SimulatorOptions } from '../src/simulator-options.ts';
import type { RunningSimulator } from '../src/start-simulator.ts';
import { CmpUser, quietSimulator } from './cmp-user.fixture.ts';

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

type ListedOrder = { id: string; type: string; orderNumber: string; status: string; statusCode: string };

/** A simulator in which a new customer has just bought five seats of Business Basic, and the ways to look at what follows. */
export class Bought {
  private constructor(
    readonly simulator: RunningSimulator,
    readonly user: CmpUser,
    readonly id: string,
    /** As `GET /subscriptions/{id}` showed it after the purchase. */
    readonly subscription: { id: string; customerId: string; products: { id: string; mpn: string }[] },
  ) {}

  /** `more` and `line` vary the order and its line. */
  static async start(options: SimulatorOptions = {}, more: object = {}, line: object = {}): Promise<Bought> {
    const simulator = await quietSimulator(options);
    const user = new CmpUser(simulator);
    const [customer] = await simulator.control.addCustomers({});
    const { body } = await user.post('/orders', sale(customer!.id, more, line));
    await simulator.control.advance(100);
    const id = (await user.get(`/orders/${body.id}`)).body.subscriptionId;
    return new Bought(simulator, user, id, (await user.get(`/subscriptions/${id}`)).body);
  }

  async detail(id = this.id) {
    return (await this.user.get(`/subscriptions/${id}`)).body;
  }
  async order(id: string) {
    return (await this.user.get(`/orders/${id}`)).body;
  }
  async orders(id = this.id): Promise<ListedOrder[]> {
    return (await this.user.get(`/orders?subscriptionId=${id}`)).body.data;
  }
  days(n: number) {
    return this.simulator.control.advance(n * 86_400);
  }
}
