// Not part of index.mjs, which must not need a package.
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import Provider from 'oidc-provider';

/** Stands for the API; every token is for it. */
const api = 'urn:isthmus:api';
const pages = '/sign-in/';
const hour = 3_600;

/** @param {import('./identity.d.mts').IdentityOptions} options */
export async function startIdentity({
  port,
  host = '127.0.0.1',
  audience,
  key,
  people,
  clients,
  tokenSeconds = 600,
}) {
  const server = createServer();
  server.listen(port, host);
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${server.address().port}`;

  const provider = new Provider(issuer, configuration({ audience, key, people, clients, tokenSeconds }));
  const granted = {};
  provider.on('grant.success', ({ oidc }) => {
    granted[oidc.params.grant_type] = (granted[oidc.params.grant_type] ?? 0) + 1;
  });
  const protocol = provider.callback();
  server.on('request', (request, response) => {
    if (!request.url.startsWith(pages)) return protocol(unremembered(request), response);
    signIn(provider, people, request, response).catch((error) => {
      response
        .writeHead(400, { 'content-type': 'text/plain' })
        .end(`${error.message}\nGo back and sign in again.\n`);
    });
  });
  return {
    issuer,
    granted,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function configuration({ audience, key, people, clients, tokenSeconds }) {
  const person = (id) => people.find((one) => one.id === id);
  const program = (id) => clients.find((one) => one.id === id)?.program;
  return {
    clients: clients.map(registered),
    jwks: { keys: [key] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    scopes: ['openid', 'profile', 'offline_access'],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'] },
    // The console asks nobody else for a name.
    conformIdTokenClaims: false,
    findAccount: (_, id) => {
      const found = person(id);
      return (
        found && { accountId: id, claims: () => ({ sub: id, name: found.name, preferred_username: id }) }
      );
    },
    extraTokenClaims: (_, token) => {
      const { tenant, roles } = person(token.accountId) ?? program(token.clientId) ?? {};
      return { tenant, roles };
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true, allowedPolicy: (_, client, token) => token.clientId === client.clientId },
      rpInitiatedLogout: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => api,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: '',
          audience,
          accessTokenFormat: 'jwt',
          accessTokenTTL: tokenSeconds,
          jwt: { sign: { alg: key.alg } },
        }),
      },
    },
    pkce: { required: () => true },
    issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    expiresWithSession: () => false,
    interactions: { url: (_, { uid }) => `${pages}${uid}` },
    ttl: {
      AccessToken: tokenSeconds,
      AuthorizationCode: 60,
      ClientCredentials: tokenSeconds,
      Grant: 14 * hour,
      IdToken: tokenSeconds,
      Interaction: hour,
      RefreshToken: 14 * hour,
      Session: 60,
    },
  };
}

function registered({ id, secret, redirectUris = [], program }) {
  return {
    client_id: id,
    ...(secret ? { client_secret: secret } : {}),
    token_endpoint_auth_method: secret ? 'client_secret_post' : 'none',
    application_type: secret ? 'web' : 'native',
    grant_types: program ? ['client_credentials'] : ['authorization_code', 'refresh_token'],
    response_types: program ? [] : ['code'],
    redirect_uris: redirectUris,
    id_token_signed_response_alg: 'ES256',
  };
}

/** Nobody is remembered, so that everybody chooses a button every time. */
function unremembered(request) {
  const cookies = request.headers.cookie?.split(/; */).filter((cookie) => !cookie.startsWith('_session'));
  if (cookies) request.headers.cookie = cookies.join('; ');
  return request;
}

/** The page of buttons, and what follows a click. */
async function signIn(provider, people, request, response) {
  const { params } = await provider.interactionDetails(request, response);
  if (request.method !== 'POST') {
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
    });
    response.end(page(people));
    return;
  }
  const accountId = new URLSearchParams(await text(request)).get('person');
  if (!people.some(({ id }) => id === accountId)) throw new Error('There is no such person.');
  // A new one each time: the browser may have been somebody else's before.
  const grant = new provider.Grant({ accountId, clientId: params.client_id });
  grant.addOIDCScope('openid profile offline_access');
  grant.addResourceScope(api, '');
  // Signing in and consenting in one step.
  await provider.interactionFinished(
    request,
    response,
    { login: { accountId }, consent: { grantId: await grant.save() } },
    { mergeWithLastSubmission: false },
  );
}

const style =
  'body{font:16px/1.5 system-ui,sans-serif;margin:3rem auto;max-width:30rem}button{display:block;width:100%;margin:.5rem 0;padding:.6rem;font:inherit}';

const page = (people) => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sign in</title><style>${style}</style></head>
<body>
<h1>Sign in</h1>
<p>This stack is local: choose who you are.</p>
<form method="post">
${people.map(({ id, name }) => `<button name="person" value="${escaped(id)}">${escaped(name)}</button>`).join('\n')}
</form>
</body>
</html>
`;

const escaped = (value) => value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
