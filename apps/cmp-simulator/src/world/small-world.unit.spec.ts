import { defaultQuirks } from '../quirks.ts';
import { termRules } from '../subscriptions/end-of-term.ts';
import { isNce } from '../subscriptions/nce.ts';
import { WorldClock } from './agenda.ts';
import { isoPeriod } from './period.ts';
import { World, worldSize } from './world.ts';

const day = 86_400_000;
const clock = new WorldClock(Date.parse('2026-03-01T09:00:00Z'), false);
const ground = {
  seed: 1,
  size: worldSize('small'),
  resellerId: '1000001',
  currency: 'USD',
  country: 'US',
  clock,
  quirks: defaultQuirks,
  orderDelaySeconds: 1,
};
const world = new World(ground, termRules);
const all = Array.from({ length: world.subscriptions.rows.size }, (_, index) =>
  world.subscriptions.rows.at(index),
);
const share = (part: unknown[]) => part.length / all.length;
const byStatus = (status: string) => all.filter((one) => one.status === status);

it('mixes statuses as a live account does: a third active, most of the rest removed, a few of each other kind', () => {
  expect(share(byStatus('active'))).toBeGreaterThan(0.28);
  expect(share(byStatus('active'))).toBeLessThan(0.42);
  expect(share(byStatus('removed'))).toBeGreaterThan(0.5);
  for (const rare of ['pending', 'hold', 'terminated']) {
    expect(byStatus(rare).length).toBeGreaterThanOrEqual(1);
    expect(byStatus(rare).length).toBeLessThanOrEqual(15);
  }
});

it('leaves a pending subscription without a term, and a few removed ones with an end years ahead', () => {
  expect(byStatus('pending').every(({ termEndsAt }) => termEndsAt === undefined)).toBe(true);
  expect(
    byStatus('removed').filter(({ termEndsAt }) => termEndsAt! > clock.now() + 365 * day).length,
  ).toBeGreaterThan(0);
});

it('has the present inside the term of everything that is active', () => {
  for (const { termStartedAt, termEndsAt } of byStatus('active')) {
    expect(termStartedAt).toBeLessThanOrEqual(clock.now());
    expect(termEndsAt).toBeGreaterThan(clock.now());
  }
});

it('has NCE and legacy, subscriptions with two products and with none', () => {
  const mpns = all.flatMap(({ products }) => products.map(({ item }) => item.mpn));
  expect(mpns.filter(isNce).length).toBeGreaterThan(200);
  expect(mpns.filter((mpn) => mpn.endsWith('_ANNUAL')).length).toBeGreaterThan(5);
  expect(mpns.filter((mpn) => mpn.endsWith('_MONTHLY')).length).toBeGreaterThan(5);
  expect(all.filter(({ products }) => products.length === 2).length).toBeGreaterThan(2);
  expect(all.filter(({ products }) => products.length === 0).length).toBeGreaterThan(5);
});

it('has customers with none, one and two Microsoft domains among their subscriptions', () => {
  const domains = new Map<string, Set<unknown>>();
  for (const { customerId, orderParameters } of all) {
    const seen = domains.get(customerId) ?? domains.set(customerId, new Set()).get(customerId)!;
    for (const { name, value } of orderParameters) if (name === 'microsoft_domain') seen.add(value);
  }
  expect(new Set([...domains.values()].map(({ size }) => size))).toEqual(new Set([0, 1, 2]));
});

it('sells one part number in several billing and term combinations, and one under two vendors', () => {
  const rows = (mpn: string) => world.catalogue.filter((item) => item.mpn === mpn);
  expect(rows('CFQ7TTC0LH16:0001')).toHaveLength(6);
  expect(
    new Set(rows('CFQ7TTC0LH16:0001').map(({ term, billing }) => JSON.stringify([term, billing]))).size,
  ).toBe(6);
  expect(rows('BACKUP-STD').map(({ vendor }) => vendor)).toEqual(['ACRONIS', 'VEEAM']);
});

it('sells what nobody has yet: new commerce in five ways, a trial and an Azure plan', () => {
  const launched = world.catalogue.filter((item) => item.launched);
  expect(
    launched.map(({ kind, mpn, term, billing }) => [kind, mpn, isoPeriod(term), isoPeriod(billing)]),
  ).toEqual([
    ...[
      ['P1M', 'P1M'],
      ['P1Y', 'P1M'],
      ['P1Y', 'P1Y'],
      ['P3Y', 'P1M'],
      ['P3Y', 'P3Y'],
    ].map((periods) => ['nce', 'CFQ7TTC0MM8R:0002', ...periods]),
    ['trial', 'CFQ7TTC0LCHC:0001', 'P1M', 'P1M'],
    ['azure', 'DZH318Z0BPS6:0001', 'P1M', 'P1M'],
  ]);
  expect(new Set(launched.map(({ id }) => id)).size).toBe(launched.length);
  const subscribed = new Set(all.flatMap(({ products }) => products.map(({ item }) => item.id)));
  expect(launched.filter(({ id }) => subscribed.has(id))).toEqual([]);
});

it('keeps an order history of two to three orders per subscription, oldest number first in time', () => {
  expect(world.orders.rows.size / all.length).toBeGreaterThan(2);
  expect(world.orders.rows.size / all.length).toBeLessThan(3);
  const times = Array.from(
    { length: world.orders.rows.size },
    (_, index) => world.orders.rows.at(index).createdAt,
  );
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

it('tells a history that adds up to the seats a subscription has', () => {
  for (const subscription of all) {
    const done = world.orders
      .ofSubscription(subscription.id)
      .filter(({ status, type }) => status === 'completed' && (type === 'sales' || type === 'change'));
    const seats = done.reduce((sum, { lines }) => sum + (lines[0]?.quantity ?? 0), 0);
    const pending = subscription.status === 'pending' ? (subscription.products[0]?.quantity ?? 0) : 0;
    expect(seats + pending).toBe(subscription.products[0]?.quantity ?? 0);
    expect(subscription.lots.reduce((sum, lot) => sum + lot.quantity, 0)).toBe(
      subscription.products[0]?.quantity ?? 0,
    );
  }
});

it('has a seat change waiting for renewal, and NCE subscriptions inside their window', () => {
  expect(world.orders.list({ offset: 0, limit: 1 }, { statusCode: 'AS' }).total).toBeGreaterThan(0);
  const young = byStatus('active').filter(
    ({ products, termStartedAt }) =>
      products.some(({ item }) => isNce(item.mpn)) && clock.now() - termStartedAt! < 7 * day,
  );
  expect(young.length).toBeGreaterThan(3);
});

it('finds a row by status without making it, as the row itself says', () => {
  for (const status of ['pending', 'active', 'hold', 'terminated', 'removed'])
    expect(world.subscriptions.list({ offset: 0, limit: 1 }, { status }).total).toBe(byStatus(status).length);
  const orders = Array.from({ length: world.orders.rows.size }, (_, index) => world.orders.rows.at(index));
  for (const statusCode of ['CP', 'PF', 'CL', 'LO', 'AS'])
    expect(world.orders.list({ offset: 0, limit: 1 }, { statusCode }).total).toBe(
      orders.filter((order) => order.statusCode === statusCode).length,
    );
});

it('finds the orders of a customer and of a subscription, all of them', () => {
  const { id, customerId } = all[300]!;
  const orders = Array.from({ length: world.orders.rows.size }, (_, index) => world.orders.rows.at(index));
  const ids = (found: { id: string }[]) => found.map((order) => order.id);
  const slice = { offset: 0, limit: 500 };
  expect(ids(world.orders.list(slice, { customerId }).rows)).toEqual(
    ids(orders.filter((order) => order.customerId === customerId).reverse()),
  );
  expect(ids(world.orders.list(slice, { subscriptionId: id }).rows)).toEqual(
    ids(orders.filter((order) => order.subscriptionId === id).reverse()),
  );
});
