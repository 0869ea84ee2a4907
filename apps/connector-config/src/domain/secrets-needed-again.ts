import type { Connector } from './connector.entity.ts';
import { SecretNeededAgain } from './connector.errors.ts';

/**
 * A stored secret only goes to the address, and under the name, it was entered for. Otherwise whoever may change a
 * connector could have its secrets sent to a server of their own and read there what no API shows.
 * @throws SecretNeededAgain
 */
export function requireSecretsAgain(
  connector: Pick<Connector, 'apiUrl' | 'username'>,
  change: { apiUrl?: string; username?: string; password?: string; subscriptionKey?: string },
): void {
  const moved = change.apiUrl !== undefined && change.apiUrl !== connector.apiUrl;
  const renamed = change.username !== undefined && change.username !== connector.username;
  const needed = moved ? (['password', 'subscriptionKey'] as const) : renamed ? (['password'] as const) : [];
  const missing = needed.filter((field) => change[field] === undefined);
  if (missing.length > 0) throw new SecretNeededAgain(moved ? 'apiUrl' : 'username', missing);
}
