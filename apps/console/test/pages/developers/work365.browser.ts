import { expect, test } from '../../support/console.ts';
import { as, bought, licensed, rested, until } from '../../support/licensed.ts';
import { connected } from '../../support/platform.ts';
import type { Stack } from '../../support/stack.ts';

/** Work 365 itself: it knows an address and a key. */
const work365 = (stack: Stack, key: string) => (method: string, path: string, body?: object) =>
  fetch(`${stack.services['rest-provider']}${path}`, {
    method,
    headers: { 'work-365-rest-provider-api-key': key, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });

async function newKey(stack: Stack, connectorId: string, label: string): Promise<string> {
  const { key } = await as(stack, 'admin').post('/v1/connectors/{id}/api-keys', {
    path: { id: connectorId },
    body: { label },
  });
  return key;
}

test('Work 365 is set up: what to type where, a key that is shown once, and its first call appears', async ({
  page,
  stack,
  audit,
}) => {
  const connector = await connected(stack);
  await page.goto('/');
  await page
    .getByRole('navigation', { name: 'Pages' })
    .getByRole('link', { name: 'Work 365', exact: true })
    .click();
  await expect(page.getByRole('heading', { level: 1, name: 'Work 365', exact: true })).toBeFocused();
  await page.goto(`/developers/work365?connector=${connector.id}`);
  const card = page.getByRole('region', { name: 'Set up Work 365' });
  await expect(card).toContainText(/Work 365 has not called yet|Last call/);
  const how = card.getByText('How it is set up');
  if (await how.isVisible()) await how.click();
  await expect(card).toContainText(String(stack.services['rest-provider']));
  await expect(card.getByRole('definition').filter({ hasText: connector.name })).toBeVisible();
  await audit('Work 365, set-up');

  await card.getByRole('button', { name: 'Issue a key …' }).click();
  const drawer = page.getByRole('dialog', { name: `Issue an API key for ${connector.name}` });
  await drawer.getByLabel('Label').fill('');
  await drawer.getByRole('button', { name: 'Issue the key' }).click();
  await expect(drawer.getByText('Fill this in')).toBeVisible();
  await audit('issue a key, a field with an error');
  const label = `Billing ${Date.now()}`;
  await drawer.getByLabel('Label').fill(label);
  await drawer.getByRole('button', { name: 'Issue the key' }).click();
  const shown = page.getByRole('dialog', { name: `API key “${label}”` });
  const key = await shown.getByRole('code').innerText();
  await audit('a key that was issued');
  await shown.getByRole('button', { name: 'I have copied it' }).click();
  await expect(shown).toBeHidden();
  await expect(card.getByRole('list', { name: 'API keys of this connector' })).toContainText(label);
  await expect(page.getByText(key)).toHaveCount(0);

  const call = work365(stack, key);
  expect((await call('GET', '/customers')).status).toBe(200);
  const missing = await call('GET', `/customers/${crypto.randomUUID()}`);
  expect(missing.status).toBe(404);
  const calls = page.getByRole('region', { name: 'Calls', exact: true });
  const mine = calls.getByRole('row').filter({ hasText: label });
  await expect(mine).toHaveCount(2);
  await expect(mine.first()).toContainText('GET /customers/{id}');
  await expect(mine.first()).toContainText('404');
  await expect(mine.first()).toContainText(missing.headers.get('x-correlation-id')!);
  await expect(mine.nth(1)).toContainText('200');
  await expect(card).toContainText(/Last call/);
  await audit('Work 365, calls');

  await page.getByLabel('Result').selectOption('failed');
  await expect(page).toHaveURL(/result=failed/);
  await expect(mine).toHaveCount(1);
  await page.getByLabel('Result').selectOption('ok');
  await expect(mine.filter({ hasText: '404' })).toHaveCount(0);
  await page.getByRole('searchbox', { name: 'Correlation ID' }).fill('nobody-has-this');
  await expect(page.getByText('No call fits these filters')).toBeVisible();
  await audit('Work 365, no call');
  await page.getByRole('link', { name: 'Show all' }).click();
  await expect(mine).toHaveCount(2);
});

test('what Work 365 wants is shown with its order, and what was refused with the reason', async ({
  page,
  stack,
  audit,
}) => {
  const { connector, account } = await licensed(stack);
  const { id } = await bought(stack, account);
  const label = `Writer ${Date.now()}`;
  const call = work365(stack, await newKey(stack, connector.id, label));
  await until('the subscription as Work 365 reads it', async () => {
    const subscriptions = (await (await call('GET', `/customers/${account.id}/subscriptions`)).json()) as {
      id: string;
    }[];
    return subscriptions.find((one) => one.id === id);
  });
  expect((await call('PATCH', '/subscriptions', { id, quantity: 7 })).status).toBe(200);
  const refused = await call('POST', '/subscriptions', {
    ...{ customer: { id: account.id }, partNumber: 'INGRAM:MICROSOFT:NOBODY-SELLS-THIS', quantity: 1 },
  });
  expect(refused.status).toBe(422);

  await page.goto('/developers/work365');
  await page.getByRole('button', { name: 'Writes' }).click();
  await expect(page).toHaveURL(/tab=writes/);
  const writes = page.getByRole('region', { name: 'Writes' });
  const change = writes.getByRole('row').filter({ hasText: label }).filter({ hasText: 'Seats → 7' });
  await expect(change).toBeVisible();
  const no = writes.getByRole('row').filter({ hasText: label }).filter({ hasText: 'Refused' });
  await expect(no).toContainText('Buy 1 seat');
  await expect(no).toContainText('NOBODY-SELLS-THIS');
  await expect(no).toContainText('none');
  await audit('Work 365, writes');
  await page.getByLabel('State').selectOption('refused');
  await expect(change).toBeHidden();
  await page.getByLabel('State').selectOption('');
  await page.getByLabel('Kind').selectOption('change');
  await expect(no).toBeHidden();
  await change.getByRole('link', { name: 'Order 1' }).click();
  await expect(page.getByRole('heading', { level: 1, name: /^Seats (5 )?→ 7 · / })).toBeVisible();
  const [, orderId] = /orders\/([\w-]+)/.exec(page.url())!;
  expect((await rested(as(stack, 'viewer'), orderId!)).status).toBe('settled');
});

test('by keyboard alone: from the calls to the writes and back', async ({ page, stack }) => {
  const connector = await connected(stack);
  await page.goto(`/developers/work365?connector=${connector.id}`);
  const writes = page.getByRole('button', { name: 'Writes' });
  await expect(writes).toBeVisible();
  for (
    let count = 0;
    count < 60 && !(await writes.evaluate((one) => one === document.activeElement));
    count += 1
  )
    await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/tab=writes/);
  await expect(writes).toHaveAttribute('aria-current', 'page');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(page).not.toHaveURL(/tab=writes/);
});

test('Work 365 in German on a small screen, as a viewer, who may not issue a key', async ({
  page,
  stack,
  signInAs,
  audit,
}) => {
  const connector = await connected(stack);
  await signInAs('viewer');
  await page.setViewportSize({ width: 320, height: 700 });
  await page.addInitScript(() => localStorage.setItem('isthmus.preferences', '{"language":"de"}'));
  await page.goto(`/developers/work365?connector=${connector.id}`);
  await expect(page.getByRole('heading', { level: 1, name: 'Work 365', exact: true })).toBeVisible();
  const card = page.getByRole('region', { name: 'Work 365 einrichten' });
  await expect(card).toContainText(/noch nicht angefragt|Letzter Aufruf/);
  const how = card.getByText('Wie es eingerichtet wird');
  if (await how.isVisible()) await how.click();
  await expect(card.getByRole('button', { name: 'Schlüssel ausstellen …' })).toHaveAttribute(
    'aria-disabled',
    'true',
  );
  const sideways = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(sideways).toBe(0);
  await audit('Work 365 in German');
});
