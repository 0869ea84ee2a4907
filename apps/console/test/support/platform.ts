import { connect, type Connector, type Isthmus } from '@isthmus/sdk';
import type { Stack } from './stack.ts';

interface Marketplace {
  username: string;
  password: string;
  subscriptionKey: string;
  accountId: string;
  country: string;
  currency: string;
}

/** What the Marketplace API item of the simulated CMP would show. It may be asked often, so that nobody has to wait. */
export async function marketplaceOf({ simulator }: Stack, region = 0): Promise<Marketplace> {
  await fetch(`${simulator.control}/limits`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ perMinute: 6_000 }),
  });
  const accounts = (await (await fetch(`${simulator.control}/accounts`)).json()) as Marketplace[];
  return accounts[region]!;
}

/**
 * An address of the same simulated CMP that nobody had a connector for: one that was removed is otherwise restored with its history, as
 * the platform should, and verified by that.
 */
export function addressOfItsOwn({ simulator }: Stack): string {
  // Letters alone, as regions are.
  const region = crypto.randomUUID().replace(/\d|-/g, (one) => 'ghijklmnop'[Number(one)] ?? '');
  return `${simulator.url}/marketplace/${region}`;
}

/** The platform beside the browser: another person who works on the same things. */
export function platform(stack: Stack): Isthmus {
  const [tokens] = Object.values(stack.tokens);
  return connect({ baseUrl: stack.services, token: tokens!['admin']! });
}

/** A connector whose accounts were read; the one there is, or a new one. */
export async function connected(stack: Stack): Promise<Connector> {
  const isthmus = platform(stack);
  const { data } = await isthmus.get('/v1/connectors');
  const known = data.find(({ status, apiUrl }) => status === 'active' && apiUrl === stack.simulator.apiUrl);
  const connector = known ?? (await isthmus.post('/v1/connectors', { body: await newConnector(stack) }));
  const { data: accounts } = await isthmus.get('/v1/provider-accounts', {
    query: { connectorId: connector.id },
  });
  if (accounts.length === 0) {
    const { id } = await isthmus.syncRuns.start({ connectorId: connector.id, scope: 'accounts' });
    await isthmus.syncRuns.succeeded(id);
  }
  return connector;
}

async function newConnector(stack: Stack) {
  const { username, password, subscriptionKey, accountId, country, currency } = await marketplaceOf(stack);
  const name = `IngramMicro US ${Date.now()}`;
  return {
    name,
    apiUrl: stack.simulator.apiUrl,
    username,
    password,
    subscriptionKey,
    accountId,
    country,
    currency,
    // As CMP allows here, so that nobody has to wait.
    callLimit: { perMinute: 6_000 },
  };
}
