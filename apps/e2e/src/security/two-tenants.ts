import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { defaultTenant, eventually } from '@isthmus/testing';
import { Client } from 'pg';
import {
  connectorFields,
  createConnector,
  isNce,
  oneMore,
  placed,
  subscriptionsLike,
  sync,
  syncCatalogue,
} from '../platform/acts.ts';
import { HttpClient, type Untyped } from '../platform/http-client.ts';
import type { Platform } from '../platform/start-platform.ts';
import type { Route } from './routes.ts';

/** In every text that the owner can enter: an answer to the stranger in which it occurs shows something of the owner's. */
export const mark = `owners${randomUUID().slice(0, 8)}`;
export const mallory = `mallory-${randomUUID()}`;
export const strangersTenant = randomUUID();
/** Of a product that both have: it is CMP's. */
export const partNumber = 'INGRAM:MICROSOFT:CFQ7TTC0LCHC:0002';

/** Work 365's id of an account: each tenant chooses them itself, so both may have the same. */
export const tenantAccountId = 'account-1';

/** The address of a service. */
export type UrlOf = (service: string) => string;

export interface World {
  /** An id by the path that ends where it stands, such as `/v1/orders/{id}`. */
  ids: Record<string, string>;
  /** What is sent with every request to this path of a service. */
  headers: (service: string, path: string) => Record<string, string>;
}

export const key = () => ({ 'idempotency-key': randomUUID() });
const in60Days = () => new Date(Date.now() + 60 * 86_400_000).toISOString();
const hook = 'http://127.0.0.1:9/';

const as =
  (token: string, apiKey: string) =>
  (service: string, path: string): Record<string, string> =>
    // Work 365 has a key; what people read there has their token.
    service === 'rest-provider' && !path.startsWith('/v1/')
      ? { 'work-365-rest-provider-api-key': apiKey }
      : { authorization: `Bearer ${token}` };

export interface Answer {
  status: number;
  text: string;
  etag: string | null;
}

type Target = Pick<Route, 'service' | 'method'>;

/** Sends requests. While the machine is too busy to reach a database or another service, they are repeated, as 503 and 504 say. */
export function sender(urlOf: UrlOf) {
  const once = async (
    { service, method }: Target,
    path: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<Answer> => {
    const response = await fetch(urlOf(service) + path, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      body,
      redirect: 'manual',
    });
    const stream = /event-stream/.test(response.headers.get('content-type') ?? '');
    const text = stream ? '' : await response.text();
    if (stream) await response.body?.cancel();
    return { status: response.status, text, etag: response.headers.get('etag') };
  };
  return async (...request: Parameters<typeof once>): Promise<Answer> => {
    let answer = await once(...request);
    for (let tries = 1; [503, 504].includes(answer.status) && tries < 60; tries += 1) {
      await sleep(500);
      answer = await once(...request);
    }
    return answer;
  };
}

/** The values of a route's path parameters out of a table by path. */
export const valuesOf = ({ path }: Route, table: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    [...path.matchAll(/\{(\w+)\}/g)].flatMap(({ 1: name = '', index }) => {
      const value = table[path.slice(0, index + name.length + 2)];
      return value === undefined ? [] : [[name, value]];
    }),
  );

const made = ({ status, body }: { status: number; body: Untyped }): Untyped => {
  if (status >= 300) throw new Error(`Not made: ${status} ${JSON.stringify(body)}`);
  return body;
};

/** Something of every kind, and how its owner calls. */
export async function ownersWorld(platform: Platform, urlOf: UrlOf): Promise<World> {
  const user = await platform.as();
  const { connectors, accounts, catalog, subscriptions, webhooks } = user;
  const endpoint = made(
    await webhooks.post('/v1/webhook-endpoints', { url: `${hook}${mark}`, description: mark }),
  );
  const connectorId = (await createConnector(user, connectorFields(platform, 'us', { name: mark }))).id;
  const runs = [];
  for (const scope of ['accounts', 'subscriptions', 'reports'] as const)
    runs.push(await sync(accounts, { connectorId, scope, ...(scope !== 'accounts' && { depth: 'full' }) }));
  const failed = runs.find(({ status }) => status !== 'succeeded');
  if (failed) throw new Error(`A sync is ${failed.status}: ${JSON.stringify(failed.failure)}`);
  await syncCatalogue(user, connectorId);
  const apiKey = made(await connectors.post(`/v1/connectors/${connectorId}/api-keys`, { label: mark }));

  made(await connectors.send('PUT', `/v1/connectors/${connectorId}/partner-attestation`));

  const two = await subscriptionsLike(user, 2, isNce);
  const account = two[0].providerAccountId;
  made(await accounts.send('PUT', `/v1/tenant-accounts/${tenantAccountId}`, { name: mark }));
  made(await accounts.send('PUT', `/v1/provider-accounts/${account}/link`, { tenantAccountId }));
  const contract = made(
    await accounts.post('/v1/billing-contracts', {
      ...{ tenantAccountId, name: mark, currency: 'USD', startDate: '2026-01-01' },
    }),
  );
  const first = async (client: HttpClient, list: string): Promise<Untyped> =>
    eventually(async () => (await client.get(list)).body.data?.[0]);
  const product = await first(catalog, `/v1/products?connectorId=${connectorId}&mpn=CFQ7TTC0LCHC:0002`);
  const place = `/v1/part-numbers/${partNumber}/mapping?connectorId=${connectorId}`;
  made(await catalog.send('PUT', place, { productId: product.id, reason: mark }));
  const exported = await fetch(`${urlOf('product-catalog')}/v1/mappings/export?connectorId=${connectorId}`, {
    headers: { authorization: `Bearer ${catalog.token}` },
  });
  const imported = await fetch(`${urlOf('product-catalog')}/v1/mappings/import?connectorId=${connectorId}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${catalog.token}`, 'content-type': 'text/csv' },
    body: await exported.text(),
  });
  const renewal = { kind: 'renewal-setting', autoRenew: false, at: in60Days() };
  const quote = made(await subscriptions.post('/v1/quotes', oneMore(two[0])));
  const orderId = await placed(user, oneMore(two[0]));
  const planned = made(
    await subscriptions.post('/v1/scheduled-changes', { ...renewal, subscriptionId: two[1].id }, key()),
  );
  made(
    await subscriptions.send(
      'PATCH',
      `/v1/subscriptions/${two[1].id}`,
      { friendlyName: mark },
      {
        'if-match': `"${(await subscriptions.get(`/v1/subscriptions/${two[1].id}`)).body.version}"`,
      },
    ),
  );
  const invoice = await first(accounts, '/v1/invoices');
  const event = await first(webhooks, '/v1/events');

  const ids = {
    '/v1/connectors/{id}': connectorId,
    '/v1/connectors/{id}/api-keys/{keyId}': apiKey.id,
    '/v1/billing-contracts/{id}': contract.id,
    '/v1/invoices/{id}': invoice.id,
    '/v1/provider-accounts/{id}': account,
    '/v1/provider-subscriptions/{id}': (await first(accounts, '/v1/provider-subscriptions')).id,
    '/v1/rated-lines/{id}': (await first(accounts, '/v1/rated-lines')).id,
    '/v1/rated-reports/{id}': (await first(accounts, '/v1/rated-reports')).id,
    '/v1/report-formats/{connectorId}': connectorId,
    '/v1/sync-runs/{id}': runs[1]!.id,
    '/v1/tenant-accounts/{id}': tenantAccountId,
    '/v1/catalog-syncs/{id}': (await first(catalog, '/v1/catalog-syncs')).id,
    '/v1/mappings/import/{id}': made({ status: imported.status, body: await imported.json() }).id,
    '/v1/part-numbers/{partNumber}': partNumber,
    '/v1/products/{id}': product.id,
    '/v1/orders/{id}': orderId,
    '/v1/quotes/{id}': quote.id,
    '/v1/scheduled-changes/{id}': planned.id,
    '/v1/subscriptions/{id}': two[0].id,
    '/v1/events/{id}': event.id,
    // What is filtered by without being a thing of ours, or a thing at another path.
    '/v1/api-keys/{id}': apiKey.id,
    '/v1/correlations/{id}': event.correlationId,
    '/v1/cmp-subscriptions/{id}': two[0].cmpSubscriptionId,
    '/v1/deliveries/{id}': (await first(webhooks, `/v1/webhook-endpoints/${endpoint.id}/deliveries`)).id,
    '/v1/webhook-endpoints/{id}': endpoint.id,
    '/v1/parked-messages/{id}': await parkEverywhere(platform),
    '/customers/{id}': account,
    '/customers/{customerId}': account,
    '/customers/{customerId}/subscriptions/{id}': two[0].id,
    '/invoices/{id}': invoice.id,
    '/subscriptions/{id}': two[0].id,
  };
  return { ids, headers: as(connectors.token, apiKey.key) };
}

/** One of the owner's messages, parked in every service that is on the bus. */
async function parkEverywhere(platform: Platform): Promise<string> {
  const id = randomUUID();
  const subject = `account-sync.${defaultTenant}.spec-parked.v1`;
  for (const connectionString of platform.databases) {
    const client = new Client({ connectionString });
    await client.connect();
    const { rows } = await client.query(`select to_regclass('public.parked_messages') is not null as has`);
    if (rows[0].has)
      await client.query(
        `insert into parked_messages (id, direction, subject, message_id, headers, payload, reason, detail, tries)
         values ($1, 'in', $2, $1::uuid::text, '{}', '{}', 'handler.failed', $3, 1)`,
        [id, subject, mark],
      );
    await client.end();
  }
  return id;
}

/** An administrator of another tenant, with a connector, an API key and an endpoint. */
export async function strangersWorld(platform: Platform, urlOf: UrlOf): Promise<World> {
  const token = await platform.token({ tenant: strangersTenant, roles: ['admin'], sub: mallory });
  const connectors = new HttpClient(urlOf('connector-config'), token);
  const connector = await createConnector({ connectors }, connectorFields(platform, 'uk', { name: 'Own' }));
  const apiKey = made(await connectors.post(`/v1/connectors/${connector.id}/api-keys`, { label: 'own' }));
  const webhooks = new HttpClient(urlOf('webhooks'), token);
  const endpoint = made(await webhooks.post('/v1/webhook-endpoints', { url: hook }));
  const ids = {
    '/v1/connectors/{id}': connector.id,
    '/v1/webhook-endpoints/{id}': endpoint.id,
  };
  // Until the services know the connector, everything is unknown for that reason.
  const accounts = new HttpClient(urlOf('account-sync'), token);
  await eventually(async () => (await accounts.get(`/v1/report-formats/${connector.id}`)).status === 200);
  return { ids, headers: as(token, apiKey.key) };
}
