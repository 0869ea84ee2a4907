// The identity provider of `npm start` and of docker-compose.yml, as a process of its own: one page of buttons. Whoever presses one is
// that person, so it serves this machine only.
import { startIdentity } from '@isthmus/testing/identity';
import { audience, clientSecrets, issuerKey, people, tenants } from './local-keys.mjs';

const { PORT, HOST, CONSOLE_URL, ALLOW_PRIVATE_ADDRESSES, NODE_ENV } = process.env;

/** Only a local stack has this setting (`stack.mjs`, docker-compose.yml), and its console is on this machine. */
const isLocal =
  ALLOW_PRIVATE_ADDRESSES === 'yes' &&
  NODE_ENV !== 'production' &&
  /^http:\/\/(127\.0\.0\.1|localhost):\d+$/.test(CONSOLE_URL ?? '');
if (!isLocal) {
  process.stderr.write(
    'This identity provider lets everybody be anybody: it starts only for a stack on this machine, as part of `npm start` or of docker-compose.yml. ' +
      'Elsewhere set OIDC_ISSUER and OIDC_CLIENT_ID to those of your own provider.\n',
  );
  process.exit(1);
}

const secrets = clientSecrets();
const { close } = await startIdentity({
  port: Number(PORT),
  host: HOST,
  audience,
  key: await issuerKey(),
  people,
  clients: [
    { id: 'console', secret: secrets.console, redirectUris: [`${CONSOLE_URL}/auth/callback`] },
    // Programs on a person's machine: they listen on any port of it and keep no secret.
    { id: 'cli', redirectUris: ['http://127.0.0.1/callback'] },
    ...tenants.map((tenant) => ({
      id: `program-${tenant}`,
      secret: secrets[tenant],
      program: { tenant, roles: ['operator'] },
    })),
  ],
});
for (const signal of ['SIGTERM', 'SIGINT'])
  process.once(signal, () => void close().then(() => process.exit(0)));
