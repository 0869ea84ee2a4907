import { expect, test } from './support/console.ts';
import { addressOfItsOwn, connected, marketplaceOf, platform } from './support/platform.ts';

/** What was connected here is of no use for other stories, which would find each customer twice. */
const connectedTo: string[] = [];
test.afterEach(async ({ stack }) => {
  const isthmus = platform(stack);
  const { data } = await isthmus.get('/v1/connectors');
  for (const { id } of data.filter(({ apiUrl }) => connectedTo.includes(apiUrl)))
    await isthmus.delete('/v1/connectors/{id}', { path: { id }, query: { confirm: true } });
});

test('Administration, Admin Hub, Integrations: connect Ingram, verify it, sync its accounts, link one', async ({
  page,
  stack,
  audit,
}) => {
  const us = await marketplaceOf(stack);
  const name = `IngramMicro US ${Date.now()}`;
  const apiUrl = addressOfItsOwn(stack);
  connectedTo.push(apiUrl);

  await page.goto('/accounts');
  await page.getByRole('button', { name: 'Administration' }).click();
  await page.getByRole('link', { name: 'Admin Hub' }).click();
  await expect(page.getByRole('heading', { name: 'Admin Hub' })).toBeFocused();
  await expect(
    page.getByRole('navigation', { name: 'Configuration' }).getByText('Integrations'),
  ).toBeVisible();
  await audit('integrations');

  // The eight fields, under the seed's labels and in its order.
  await page.getByRole('region', { name: 'Available' }).getByRole('button', { name: 'Create' }).click();
  const form = page.getByRole('dialog', { name: 'Create Ingram Connector' });
  await expect(form).toBeVisible();
  const labels = await form.locator('label').allTextContents();
  expect(labels.map((label) => label.replace('*', '').trim()).slice(0, 8)).toEqual([
    'Name',
    'Username',
    'Password',
    'API Url',
    'Account ID',
    'Subscription Key',
    'Country',
    'Currency',
  ]);
  await audit('connector form');

  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form.getByLabel('Name', { exact: false }).first()).toBeFocused();
  await expect(form.getByText('Fill this in').first()).toBeVisible();
  await audit('connector form, empty fields marked');

  await form.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
  await form.getByRole('textbox', { name: 'Username' }).fill(us.username);
  await form.getByLabel('Password').fill('wrong');
  await form.getByRole('textbox', { name: 'API Url' }).fill(apiUrl);
  await form.getByRole('textbox', { name: 'Account ID' }).fill(us.accountId);
  await form.getByLabel('Subscription Key').fill(us.subscriptionKey);
  await form.getByLabel('Country').selectOption('US');
  await expect(form.getByLabel('Currency')).toHaveValue('USD');

  await form.getByRole('button', { name: 'Try it' }).click();
  await expect(form.getByText('A check failed')).toBeVisible();
  await expect(form.getByText('Credentials', { exact: true })).toBeVisible();
  await form.getByLabel('Password').fill(us.password);
  await form.getByRole('button', { name: 'Try it' }).click();
  await expect(form.getByText('All checks passed')).toBeVisible();
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form).toBeHidden();

  const row = page.getByRole('row', { name: new RegExp(name) });
  await expect(row).toContainText('Not verified since it was saved');
  await expect(page).toHaveURL(/marked=/);

  const gear = row.getByRole('button', { name: `Actions for ${name}` });
  await gear.click();
  await expect(page.getByRole('menuitem')).toHaveText([
    /Edit/,
    /Verify Connectivity/,
    /Sync Provider Accounts/,
    /Pause/,
    /Resume/,
    /Remove/,
  ]);
  await audit('gear menu');
  await page.getByRole('menuitem', { name: 'Verify Connectivity' }).click();
  const verify = page.getByRole('dialog', { name: `Verify Connectivity: ${name}` });
  await expect(verify.getByText('All checks passed')).toBeVisible();
  await audit('verification');
  await page.keyboard.press('Escape');
  await expect(verify).toBeHidden();
  await expect(gear).toBeFocused();
  await expect(row).toContainText('checks passed');

  await gear.click();
  await page.getByRole('menuitem', { name: 'Sync Provider Accounts' }).click();
  await expect(row.getByRole('progressbar').or(row.getByText('Succeeded'))).toBeVisible();
  await expect(row).toContainText('120 new', { timeout: 120_000 });
  await row.getByRole('link', { name: 'Link accounts' }).click();

  await expect(page.getByRole('heading', { name: 'Accounts' })).toBeFocused();
  await expect(page).toHaveURL(/tab=unlinked/);
  await expect(page.getByRole('region', { name: 'Accounts' }).getByRole('row')).not.toHaveCount(0);
  await audit('accounts');

  const account = page.getByRole('region', { name: 'Accounts' }).getByRole('row').nth(1);
  const customer = (await account.getByRole('cell').nth(1).innerText()).split('\n')[0]!;
  await account.getByRole('button', { name: /^Actions for/ }).click();
  await page.getByRole('menuitem', { name: 'Link …' }).click();
  const link = page.getByRole('dialog', { name: `Link ${customer}` });
  await link.getByText('New Work 365 account').click();
  await link.getByLabel('Its id in Work 365').fill(`W365-${Date.now()}`);
  await audit('link drawer');
  await link.getByRole('button', { name: 'Link' }).click();
  await expect(page.getByText(`${customer} is linked to ${customer}`).last()).toBeVisible();
});

test('the sync run of a connector shows what came of it, record by record', async ({
  page,
  stack,
  audit,
}) => {
  await connected(stack);
  await page.goto('/sync-runs');
  await audit('sync runs');
  const runs = page.getByRole('region', { name: 'Sync runs' });
  await runs.getByRole('link', { name: 'Accounts' }).first().click();
  await expect(page.getByRole('heading', { name: /^Accounts · / })).toBeVisible();
  await expect(page.getByText('Succeeded')).toBeVisible();
  await page.getByLabel('Result').selectOption('appeared');
  await expect(page).toHaveURL(/result=appeared/);
  await expect(page.getByRole('region', { name: 'Records' }).getByRole('row')).not.toHaveCount(0);
  await audit('a sync run');
});
