import { expect, test } from '../../support/console.ts';
import { as, until } from '../../support/licensed.ts';
import { connected } from '../../support/platform.ts';
import { removeEndpoints, rename, startReceiver } from '../../support/receiver.ts';

const changed = 'connector-config.connector-changed.v1';

let receiver: Awaited<ReturnType<typeof startReceiver>>;
test.beforeAll(async () => {
  receiver = await startReceiver();
});
test.afterAll(() => receiver.close());

test('an event is found by its type and subject, shows what it says and who was told, and is sent again', async ({
  page,
  stack,
  audit,
}) => {
  const admin = as(stack, 'admin');
  await removeEndpoints(admin);
  const connector = await connected(stack);
  const { id: endpoint } = await admin.post('/v1/webhook-endpoints', {
    body: { url: receiver.url, description: 'ERP', eventTypes: ['connector-config.*'] },
  });
  const name = `Renamed ${Date.now()}`;
  await rename(admin, connector, name);
  await until('the event', () => Promise.resolve(receiver.received[0]));

  await page.goto('/developers/events');
  const list = page.getByRole('region', { name: 'Events' });
  await expect(list.getByRole('link', { name: 'connector-changed' }).first()).toBeVisible();
  await expect(page.getByText('Events are kept for 30 days.', { exact: false })).toBeVisible();
  await audit('events');
  await page.getByLabel('Type').selectOption(changed);
  await expect(page).toHaveURL(/type=connector-config\.connector-changed\.v1/);
  await page.getByRole('searchbox', { name: 'Subject' }).fill(connector.id);
  await expect(page).toHaveURL(new RegExp(`subject=${connector.id}`));
  await page.getByRole('link', { name: 'Schema and example' }).click();
  const type = page.getByRole('dialog', { name: changed });
  await expect(type.getByRole('region', { name: 'Schema and example' })).toContainText('"properties"');
  await audit('a type of event');
  await page.keyboard.press('Escape');
  await expect(type).toBeHidden();

  await list.getByRole('link', { name: 'connector-changed' }).first().click();
  const event = page.getByRole('dialog', { name: 'connector-changed' });
  await expect(event.getByRole('region', { name: 'What it says' })).toContainText(name);
  await expect(event.getByRole('link', { name: 'ERP' })).toBeVisible();
  await expect(event.getByText('Delivered', { exact: true })).toBeVisible();
  await audit('an event');
  await event.getByRole('button', { name: 'Send again from here …' }).click();
  const replay = page.getByRole('dialog', { name: 'Send events again' });
  await replay.getByRole('button', { name: 'Send again', exact: true }).click();
  await expect(replay.getByText('Fill this in')).toBeVisible();
  await audit('send again, a field with an error');
  await replay.getByLabel('Endpoint').selectOption(endpoint);
  const before = receiver.received.length;
  await replay.getByRole('button', { name: 'Send again', exact: true }).click();
  await expect(replay).toBeHidden();
  await until('the event again', () => Promise.resolve(receiver.received[before]));
  expect(receiver.received[before]!.headers['webhook-id']).toBe(receiver.received[0]!.headers['webhook-id']);

  await page.goto('/developers/events?to=2020-01-01');
  await expect(page.getByText('none is left of the days you chose', { exact: false })).toBeVisible();
  await expect(page.getByText('No event fits these filters')).toBeVisible();
  await audit('no event');
});

test('by keyboard: an event is opened, and everything that its command caused is shown', async ({
  page,
  stack,
}) => {
  const connector = await connected(stack);
  await rename(as(stack, 'admin'), connector, `By keyboard ${Date.now()}`);
  await page.goto(`/developers/events?type=${changed}&subject=${connector.id}`);
  const list = page.getByRole('region', { name: 'Events' });
  const link = list.getByRole('link', { name: 'connector-changed' }).first();
  await link.focus();
  await page.keyboard.press('Enter');
  const event = page.getByRole('dialog', { name: 'connector-changed' });
  await expect(event.getByRole('region', { name: 'What it says' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(event).toBeHidden();
  await list
    .getByRole('button', { name: /^Actions for connector-changed/ })
    .first()
    .focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem').first()).toBeFocused();
  await page.keyboard.press('e');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/correlation=/);
  await expect(list.getByRole('link', { name: 'connector-changed' })).toHaveCount(1);
});

test('in German on a small screen, as a viewer', async ({ page, stack, signInAs, audit }) => {
  await connected(stack);
  await signInAs('viewer');
  await page.setViewportSize({ width: 320, height: 700 });
  await page.addInitScript(() => localStorage.setItem('isthmus.preferences', '{"language":"de"}'));
  await page.goto('/developers/events');
  await expect(page.getByRole('heading', { level: 1, name: 'Ereignisse' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Ereignisse' }).getByRole('row').nth(1)).toBeVisible();
  const sideways = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(sideways).toBe(0);
  await audit('events in German');
});
