import { Webhook } from 'standardwebhooks';
import { expect, test } from '../../support/console.ts';
import { as, until } from '../../support/licensed.ts';
import { connected } from '../../support/platform.ts';
import { removeEndpoints, rename, startReceiver } from '../../support/receiver.ts';

let receiver: Awaited<ReturnType<typeof startReceiver>>;
test.beforeAll(async () => {
  receiver = await startReceiver();
});
test.beforeEach(async ({ stack }) => {
  await removeEndpoints(as(stack, 'admin'));
  Object.assign(receiver, { received: [], status: 200 });
});
test.afterAll(() => receiver.close());

test('by keyboard: an endpoint is created, its secret is shown once and signs, and it is tested', async ({
  page,
  audit,
}) => {
  await page.goto('/developers/webhooks');
  await expect(page.getByText('No endpoint yet')).toBeVisible();
  await audit('no endpoint');

  await page.getByRole('button', { name: 'Create …' }).focus();
  await page.keyboard.press('Enter');
  const form = page.getByRole('dialog', { name: 'Create an endpoint' });
  await expect(form.getByLabel('Address')).toBeVisible();
  await form.getByLabel('Address').focus();
  await page.keyboard.type('not an address');
  await form.getByRole('button', { name: 'Create', exact: true }).focus();
  await page.keyboard.press('Enter');
  await expect(form.getByRole('alert').first()).toBeVisible();
  await audit('create, a field with an error');
  await form.getByLabel('Address').focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.type(receiver.url);
  await page.keyboard.press('Tab');
  await page.keyboard.type('ERP');
  await page.keyboard.press('Enter');

  const once = page.getByRole('dialog', { name: 'Signing secret' });
  const secret = await once.getByText(/^whsec_/).innerText();
  await audit('the secret');
  await expect(page).not.toHaveURL(/whsec/);
  await once.getByRole('button', { name: 'I have stored it' }).focus();
  await page.keyboard.press('Enter');
  await expect(once).toBeHidden();

  const list = page.getByRole('region', { name: 'Webhooks' });
  await expect(list.getByRole('row', { name: /ERP/ })).toContainText('Everything');
  await list.getByRole('button', { name: 'Actions for ERP' }).focus();
  await page.keyboard.press('Enter');
  await audit('menu of an endpoint');
  await page.keyboard.press('Enter');
  const tested = page.getByRole('dialog', { name: 'Test ERP' });
  await tested.getByRole('button', { name: 'Send a test event' }).focus();
  await page.keyboard.press('Enter');
  await expect(tested.getByText('It arrived')).toBeVisible();
  await expect(tested.getByText('thanks')).toBeVisible();
  await audit('a test that arrived');
  const [{ text, headers }] = receiver.received as [(typeof receiver.received)[0]];
  expect(new Webhook(secret).verify(text, headers as Record<string, string>)).toMatchObject({
    type: 'webhooks.test',
  });
  await page.keyboard.press('Escape');
  await expect(tested).toBeHidden();
  expect(await page.content()).not.toContain(secret);
});

test('what a disabled endpoint missed is said, and recovered when it is enabled; one and many are sent again', async ({
  page,
  stack,
  audit,
}) => {
  const admin = as(stack, 'admin');
  const connector = await connected(stack);
  const { id } = await admin.post('/v1/webhook-endpoints', {
    body: {
      url: receiver.url,
      description: 'Billing',
      eventTypes: ['connector-config.connector-changed.v1'],
    },
  });
  await rename(admin, connector, `Delivered ${Date.now()}`);
  await until('the first event', () => Promise.resolve(receiver.received[0]));

  await page.goto(`/developers/webhooks/${id}`);
  await expect(page.getByRole('heading', { level: 1, name: 'Billing' })).toBeVisible();
  const deliveries = page.getByRole('region', { name: 'Deliveries' });
  await expect(deliveries.getByRole('row', { name: /connector-changed/ })).toContainText('Delivered');
  await expect(page.getByRole('button', { name: 'Recover …' })).toHaveAttribute('aria-disabled', 'true');
  await audit('an endpoint');

  await page.getByRole('button', { name: 'Disable …' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Disable' }).click();
  await expect(page.getByText('Disabled by hand')).toBeVisible();
  await rename(admin, connector, `Missed ${Date.now()}`);
  await expect(page.getByText('It has missed 1 event.')).toBeVisible();
  await audit('a disabled endpoint');
  await page.getByRole('button', { name: 'Enable …' }).click();
  const ask = page.getByRole('alertdialog', { name: 'Enable Billing?' });
  await expect(ask).toContainText('1 event that it missed is kept');
  await ask.getByRole('button', { name: 'Enable' }).click();
  await expect(page.getByText('Disabled by hand')).toBeHidden();

  await page.getByRole('button', { name: 'Recover …' }).click();
  const recover = page.getByRole('dialog', { name: 'Recover what Billing missed' });
  await audit('recover');
  await recover.getByRole('button', { name: 'Recover', exact: true }).click();
  await expect(page.getByText('1 event is sent again').last()).toBeVisible();
  await expect(deliveries.getByText('Undelivered')).toHaveCount(0);
  await until('what was missed', () => Promise.resolve(receiver.received[1]));

  await deliveries
    .getByRole('link', { name: /connector-changed/ })
    .first()
    .click();
  const one = page.getByRole('dialog', { name: 'Delivery' });
  await expect(one.getByText('Attempt 1', { exact: true })).toBeVisible();
  await expect(one.getByText('application/cloudevents+json').first()).toBeVisible();
  await expect(one.getByText('webhook-signature')).toHaveCount(0);
  await audit('a delivery');
  await one.getByRole('button', { name: 'Send again' }).click();
  await expect(one.getByText('Attempt 2', { exact: true })).toBeVisible();
  await one.getByRole('button', { name: 'Close' }).last().click();
  await expect(one).toBeHidden();

  const before = receiver.received.length;
  await page.getByRole('button', { name: 'Send many again …' }).click();
  const many = page.getByRole('dialog', { name: 'Send deliveries again' });
  await many.getByRole('radio', { name: 'All that are shown (2)' }).click();
  await many.getByRole('button', { name: 'Show what would happen' }).click();
  await expect(many.getByText('Nothing was changed yet')).toBeVisible();
  await audit('send many again, dry run');
  expect(receiver.received).toHaveLength(before);
  await many.getByRole('button', { name: /^Send again/ }).click();
  await expect(many.getByRole('button', { name: 'Close' }).last()).toBeVisible();
  await until('both again', () => Promise.resolve(receiver.received[before + 1]));
  await many.getByRole('button', { name: 'Close' }).last().click();

  await page.getByRole('button', { name: 'Replay …' }).click();
  const replay = page.getByRole('dialog', { name: 'Replay to Billing' });
  await replay.getByRole('button', { name: 'Replay', exact: true }).click();
  await expect(replay.getByText('Fill this in')).toBeVisible();
  await replay.getByLabel('Published since').fill(new Date(Date.now() - 600_000).toISOString().slice(0, 16));
  await replay.getByRole('button', { name: 'Replay', exact: true }).click();
  await expect(page.getByText(/events are sent again/).last()).toBeVisible();
});

test('a change is sent without the masked address; a new secret is shown once; removing asks first', async ({
  page,
  stack,
  audit,
}) => {
  const { id } = await as(stack, 'admin').post('/v1/webhook-endpoints', {
    body: { url: `${receiver.url}?token=a-secret-of-the-receiver`, description: 'Ledger' },
  });
  await page.goto(`/developers/webhooks/${id}?drawer=edit`);
  const form = page.getByRole('dialog', { name: 'Edit Ledger' });
  await expect(form.getByLabel('Address')).toHaveValue(`${receiver.url}?***`);
  await form.getByLabel('Event types').fill('account-sync.*\nno such type!');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form.getByRole('alert').first()).toBeVisible();
  await form.getByLabel('Event types').fill('account-sync.*');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form).toBeHidden();
  await expect(page.getByText('account-sync.*')).toBeVisible();

  await page.getByRole('button', { name: 'New secret …' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Make a new secret' }).click();
  const once = page.getByRole('dialog', { name: 'Signing secret' });
  await expect(once.getByText(/^whsec_/)).toBeVisible();
  await once.getByRole('button', { name: 'I have stored it' }).click();
  await page.getByRole('button', { name: 'Remove' }).click();
  const ask = page.getByRole('alertdialog', { name: 'Remove Ledger?' });
  await audit('remove');
  await ask.getByRole('button', { name: 'Remove' }).click();
  await expect(page).toHaveURL(/\/developers\/webhooks($|\?)/);
  await expect(page.getByText('No endpoint yet')).toBeVisible();
});

test('in German on a small screen, as a viewer: what the role does not allow is disabled', async ({
  page,
  stack,
  signInAs,
  audit,
}) => {
  const { id } = await as(stack, 'admin').post('/v1/webhook-endpoints', { body: { url: receiver.url } });
  await signInAs('viewer');
  await page.setViewportSize({ width: 320, height: 700 });
  await page.addInitScript(() => localStorage.setItem('isthmus.preferences', '{"language":"de"}'));
  for (const [path, button] of [
    ['/developers/webhooks', 'Anlegen …'],
    [`/developers/webhooks/${id}`, 'Testen …'],
  ] as const) {
    await page.goto(path);
    await expect(page.getByRole('button', { name: button })).toHaveAttribute('aria-disabled', 'true');
    const sideways = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(sideways).toBe(0);
    await audit(`${path} in German`);
  }
});
