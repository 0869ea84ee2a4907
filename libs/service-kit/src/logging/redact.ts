/** Members never written to a log, at the top and two levels down, whatever logs them. */
const names = [
  'authorization',
  'Authorization',
  'cookie',
  'password',
  'subscriptionKey',
  'apiKey',
  'apiKeys',
  'token',
  'accessToken',
  'secret',
  'sealed',
  'x-api-key',
  'x-subscription-key',
  'X-Subscription-Key',
  'DATABASE_URL',
  'SECRET_RING',
];

const quoted = names.map((name) => (/^\w+$/.test(name) ? `.${name}` : `["${name}"]`));

/** pino redaction paths. */
export const redactedPaths: string[] = quoted.flatMap((name) => [
  name.replace(/^\./, ''),
  `*${name}`,
  `*.*${name}`,
]);
