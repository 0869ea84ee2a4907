import type { SimulatorOptions } from '../simulator-options.ts';
import type { RunningSimulator } from '../start-simulator.ts';
import { sale } from './bodies.fixture.spec.ts';
import { CmpUser } from './cmp-user.fixture.spec.ts';
import { quietSimulator } from './quiet-simulator.fixture.spec.ts';

type ListedOrder = { id: string; type: string; orderNumber: string; status: string; statusCode: string };

/** A simulator in which a new customer has just bought five seats of Business Basic, and the ways to look at what follows. */
export class Bought {
  private constructor(
    readonly simulator: RunningSimulator,
    readonly user: CmpUser,
    readonly id: string,
    /** As `GET /subscriptions/{id}` told it after the purchase. */
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
