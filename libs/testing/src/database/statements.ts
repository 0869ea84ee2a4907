import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** What `ScopedClient` of service-kit publishes. */
interface Issued {
  text: string;
  scope: { tenantId?: string } | undefined;
}

/**
 * The statements that services of this process send to PostgreSQL for a tenant while `work` runs, in their order. Each is a round
 * trip; the tenant is sent along with it. What is read for all tenants, such as by the relay of the outbox, is not among them.
 */
export async function statementsFor(tenantId: string, work: () => Promise<unknown>): Promise<string[]> {
  const texts: string[] = [];
  const note = (message: unknown) => {
    const { text, scope } = message as Issued;
    if (scope?.tenantId === tenantId) texts.push(text.replace(/\s+/g, ' ').trim());
  };
  subscribe('isthmus:statement', note);
  try {
    await work();
  } finally {
    unsubscribe('isthmus:statement', note);
  }
  return texts;
}
