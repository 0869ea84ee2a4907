import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormatsModule from 'ajv-formats';
import type { RunningSimulator } from './start-simulator.ts';
import { newCustomer, sale } from '../test/orders.fixture.ts';
import { CmpUser, quietSimulator } from '../test/cmp-user.fixture.ts';

const addFormats = addFormatsModule as unknown as (ajv: Ajv) => void;
const file = new URL('../../../libs/cmp-client/openapi/simpleapi-1.15.json', import.meta.url);
const api = JSON.parse(readFileSync(file, 'utf8'));
// The schema says object, every observed answer says string.
for (const name of ['ParameterValue', 'OrderParameterValue', 'FulfilmentParameterValue'])
  api.components.schemas[name].properties.value = {};

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addSchema({ $id: 'api', ...api });
const validators = new Map<string, ValidateFunction>();

/** What of an answer the published schema objects to. */
function objections(method: string, path: string, body: unknown): string[] {
  const pointer = `api#/paths/${path.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D')}/${method}/responses/default/content`;
  const [type] = Object.keys(api.paths[path][method].responses.default.content) as [string];
  const ref = `${pointer}/${type.replaceAll('/', '~1').replaceAll('*', '%2A')}/schema`;
  const validate = validators.get(ref) ?? ajv.compile({ $ref: ref });
  validators.set(ref, validate);
  validate(body);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

let simulator: RunningSimulator;
let user: CmpUser;
beforeAll(async () => {
  simulator = await quietSimulator();
  user = new CmpUser(simulator);
});
afterAll(() => simulator.close());

it('objects to an answer that is wrong', () => {
  expect(
    objections('get', '/subscriptions', { data: [{ id: 7 }], pagination: { offset: 0, limit: 1 } }),
  ).toEqual(['/data/0/id must be string', "/pagination must have required property 'total'"]);
});

it.each(['/customers', '/products', '/orders', '/subscriptions', '/reports', '/resellers', '/plans'])(
  'GET %s answers as published, full and empty',
  async (path) => {
    for (const query of ['limit=500', 'limit=500&offset=500', 'offset=100000']) {
      const { status, body } = await user.get(`${path}?${query}`);
      expect(status).toBe(200);
      expect(objections('get', path, body)).toEqual([]);
    }
  },
);

it.each([
  ['/customers/{id}', '/customers'],
  ['/plans/{id}', '/plans'],
  ['/resellers/{id}', '/resellers'],
  ['/reports/{reportId}', '/reports'],
])('GET %s answers as published for every row', async (path, list) => {
  for (const { id } of (await user.get(`${list}?limit=40`)).body.data)
    expect(objections('get', path, (await user.get(`${list}/${id}`)).body)).toEqual([]);
});

it.each([
  ['/subscriptions/{id}', '/subscriptions', ['pending', 'active', 'hold', 'terminated', 'removed']],
  ['/orders/{id}', '/orders', ['processing', 'completed', 'error', 'cancelled']],
])('GET %s answers as published in every status', async (path, list, statuses) => {
  for (const status of statuses) {
    const { data } = (await user.get(`${list}?status=${status}&limit=60`)).body;
    expect(data.length).toBeGreaterThan(0);
    for (const { id } of data)
      expect(objections('get', path, (await user.get(`${list}/${id}`)).body)).toEqual([]);
  }
});

it('answers below a reseller as published', async () => {
  for (const path of ['customers', 'orders'])
    expect(
      objections('get', `/resellers/{id}/${path}`, (await user.get(`/resellers/1000001/${path}`)).body),
    ).toEqual([]);
});

it('answers everything that is written as published', async () => {
  const written = async (method: 'post' | 'patch', path: string, body: unknown, at = path) => {
    const reply = await user[method](at, body);
    expect([reply.status, ...objections(method, path, reply.body)]).toEqual([200]);
    return reply.body;
  };
  expect(objections('post', '/token', (await user.signIn()).body)).toEqual([]);
  const customer = await written('post', '/customers', newCustomer);
  await written('patch', '/customers/{id}', { name: 'Renamed Ltd' }, `/customers/${customer.id}`);
  await written('post', '/validation/parameters', {
    customerId: customer.id,
    products: [{ ...sale('').products[0], subscriptionPeriod: sale('').subscriptionPeriod }],
  });
  await written('post', '/orders/estimate', sale(customer.id));
  const order = await written('post', '/orders', sale(customer.id));
  await written('patch', '/orders/{id}', { creditCheck: false }, `/orders/${order.id}`);
  await simulator.control.advance(100);
  const { subscriptionId } = (await user.get(`/orders/${order.id}`)).body;
  await written('patch', '/subscriptions/{id}', { renewalStatus: false }, `/subscriptions/${subscriptionId}`);
  await written('post', '/orders', { type: 'cancellation', customerId: customer.id, subscriptionId });
  await written('post', '/reports', {
    name: 'Every Invoice - Usage',
    startDate: '2026-02-01T00:00:00Z',
    format: 'json',
  });
});
