import type { CmpConnection } from '@isthmus/cmp-client';
import type { ConformanceOptions } from '@isthmus/cmp-client/conformance';

const required = {
  apiUrl: 'CMP_CONFORMANCE_URL',
  username: 'CMP_CONFORMANCE_USERNAME',
  password: 'CMP_CONFORMANCE_PASSWORD',
  subscriptionKey: 'CMP_CONFORMANCE_KEY',
  marketplace: 'CMP_CONFORMANCE_MARKETPLACE',
} as const;

/** The CMP account to check, from the environment; or the names of the variables that are missing. */
export function conformanceConfig():
  { connection: CmpConnection; options: ConformanceOptions } | { missing: string[] } {
  const missing = Object.values(required).filter((name) => !process.env[name]);
  if (missing.length > 0) return { missing };
  const given = Object.fromEntries(
    Object.entries(required).map(([field, name]) => [field, process.env[name]!]),
  );
  const writes = process.env.CMP_CONFORMANCE_WRITE === 'yes';
  return {
    connection: { connectorId: 'conformance', ...(given as Omit<CmpConnection, 'connectorId'>) },
    options: {
      press: process.env.CMP_CONFORMANCE_PRESS_LIMIT === 'yes',
      writableSubscriptionId: writes ? process.env.CMP_CONFORMANCE_SUBSCRIPTION : undefined,
    },
  };
}
