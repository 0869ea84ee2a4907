import type { Connector, Isthmus } from '@isthmus/sdk';
import { expect, test } from '../support/console.ts';
import { as, until, type Account } from '../support/licensed.ts';
import { connected, platform } from '../support/platform.ts';
import type { Stack } from '../support/stack.ts';

interface Linked {
  isthmus: Isthmus;
  connector: Connector;
  account: Account;
  tenantAccountId: string;
}

/** A customer with subscriptions that were read, linked to a Work 365 account that has no contract yet. */
async function linked(stack: Stack): Promise<Linked> {
  const isthmus = as(stack, 'admin');
  const connector = await connected(stack);
  const { data } = await isthmus.get('/v1/provider-accounts', {
    query: { connectorId: connector.id, linked: false, syncEnabled: true, limit: 200 },
  });
  const account = data.find(({ status }) => status === 'active')!;
  const { id: providerAccountId, connectorId } = account;
  const run = await isthmus.syncRuns.start({ connectorId, scope: 'subscriptions', providerAccountId });
  await isthmus.syncRuns.succeeded(run.id);
  await until(`the subscriptions of ${account.name}`, async () => {
    const { data: found } = await isthmus.get('/v1/subscriptions', { query: { providerAccountId } });
    return found.length > 0 ? found : undefined;
  });
  const tenantAccountId = `W365-${Date.now()}`;
  await isthmus.put('/v1/tenant-accounts/{id}', {
    path: { id: tenantAccountId },
    body: { name: account.name },
  });
  await isthmus.put('/v1/provider-accounts/{id}/link', {
    path: { id: providerAccountId },
    body: { tenantAccountId },
  });
  return { isthmus, connector, account, tenantAccountId };
}

const makeContract = (
  { isthmus, connector: { currency }, tenantAccountId }: Linked,
  name: string,
  more: object = {},
) =>
  isthmus.post('/v1/billing-contracts', {
    body: { tenantAccountId, name, currency, startDate: '2026-01-01', ...more },
  });

test('contracts: one for an account that has none, made default, changed, ended', async ({
  page,
  stack,
  audit,
}) => {
  const given = await linked(stack);
  const { account, tenantAccountId } = given;
  await page.goto('/contracts');
  const missing = page.getByRole('region', { name: 'Accounts without a contract' });
  await expect(missing.getByRole('link', { name: account.name })).toBeVisible();
  await audit('contracts, with an account that has none');

  const make = missing.getByRole('button', { name: `Make contract: ${account.name}` }).first();
  await make.click();
  const form = page.getByRole('dialog', { name: 'Make a contract' });
  await expect(form.getByLabel('Name')).toHaveValue(account.name);
  await form.getByLabel('Name').fill('');
  await form.getByRole('button', { name: 'Make contract' }).click();
  await expect(form.getByText('Fill this in')).toBeVisible();
  await audit('a contract without a name');
  const first = `First ${tenantAccountId}`;
  await form.getByLabel('Name').fill(first);
  await form.getByRole('button', { name: 'Make contract' }).click();
  await expect(form).toBeHidden();
  await expect(missing.getByRole('link', { name: account.name })).toHaveCount(0);

  const second = `Second ${tenantAccountId}`;
  await makeContract(given, second);
  await page.getByRole('searchbox', { name: 'Search' }).fill(tenantAccountId);
  const contracts = page.getByRole('region', { name: 'Contracts' });
  await expect(contracts.getByRole('row')).toHaveCount(3);
  const rowOf = (name: string) => contracts.getByRole('row', { name: new RegExp(name) });
  await expect(rowOf(first)).toContainText('Default');
  await expect(rowOf(first)).toContainText(given.connector.currency);
  // The subscriptions that were without a contract came under the default.
  await expect(rowOf(first).getByRole('cell').nth(5)).not.toHaveText(/^[–0]$/);

  await rowOf(second)
    .getByRole('button', { name: `Actions for ${second}` })
    .click();
  await audit('the menu of a contract');
  await page.getByRole('menuitem', { name: 'Make default' }).click();
  await expect(rowOf(second)).toContainText('Default');
  await expect(rowOf(first).getByText('Default', { exact: true })).toHaveCount(0);

  await rowOf(second)
    .getByRole('button', { name: `Actions for ${second}` })
    .click();
  await page.getByRole('menuitem', { name: 'End …' }).click();
  const end = page.getByRole('dialog', { name: `End ${second}` });
  await expect(end).toContainText('It is the default of its account.');
  await audit('the end of a default');
  await end.getByLabel('Last day').fill('2026-02-01');
  await end.getByRole('button', { name: 'End contract' }).click();
  await expect(end).toBeHidden();
  await expect(rowOf(second)).toHaveCount(0);
  await expect(rowOf(first)).toContainText('Its account has no default in force');

  await page.getByRole('button', { name: 'Default unclear' }).click();
  await expect(rowOf(first)).toBeVisible();
  await page.getByRole('button', { name: 'Ended', exact: true }).click();
  await expect(rowOf(second)).toContainText('Ended');
  await page.goto('/contracts?q=nobody-is-called-that');
  await expect(page.getByText('No contract fits this view')).toBeVisible();
  await audit('no contract fits');
});

test('a contract: subscriptions are assigned in bulk, after a dry run, and synced', async ({
  page,
  stack,
  audit,
}) => {
  const given = await linked(stack);
  const { isthmus, account, tenantAccountId } = given;
  const providerAccountId = account.id;
  const { id } = await makeContract(given, `Bulk ${tenantAccountId}`, { isDefault: false });
  const { data: subscriptions } = await isthmus.get('/v1/subscriptions', { query: { providerAccountId } });

  await page.goto(`/contracts/${id}`);
  await expect(page.getByRole('heading', { level: 1 })).toContainText(`Bulk ${tenantAccountId}`);
  await expect(page.getByText('This account has no default in force')).toBeVisible();
  await expect(page.getByText('There are no such subscriptions')).toBeVisible();
  await audit('a contract without subscriptions');

  await page.getByRole('button', { name: 'Without a contract' }).click();
  const list = page.getByRole('region', { name: 'Subscriptions' });
  await list.getByRole('row').nth(1).getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Assign subscriptions …' }).click();
  const assign = page.getByRole('dialog', { name: 'Assign to a contract' });
  await expect(assign.getByLabel('Contract', { exact: true })).toHaveValue(id);
  await expect(assign.getByRole('radio', { name: 'The selected subscription' })).toBeChecked();
  await assign.getByRole('radio', { name: `All of ${account.name} that have no contract` }).check();
  await assign.getByRole('button', { name: 'Show what would happen' }).click();
  const count = subscriptions.length;
  await expect(assign.getByText(`${count} to do, 0 unchanged, 0 with errors`)).toBeVisible();
  await audit('what an assignment would do');
  const ofContract = () => isthmus.get('/v1/subscriptions', { query: { billingContractId: id } });
  expect((await ofContract()).data).toEqual([]);
  await assign.getByRole('button', { name: `Assign ${count}` }).click();
  await expect(assign.getByText('Done', { exact: true }).first()).toBeVisible();
  await assign.getByRole('button', { name: 'Close' }).last().click();
  expect((await ofContract()).data).toHaveLength(count);
  await page.getByRole('button', { name: 'Under this contract' }).click();
  await expect(list.getByRole('row')).toHaveCount(count + 1);

  await page.getByRole('button', { name: 'Sync Subscription' }).click();
  await expect(page.getByRole('region', { name: 'Sync of the subscriptions' })).toContainText('Succeeded');
  await audit('a contract with its subscriptions');
  await page.setViewportSize({ width: 320, height: 640 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  await audit('a contract at 320 pixels');
});

test('when somebody else changed the contract meanwhile, both versions are shown; by keyboard alone', async ({
  page,
  stack,
  audit,
}) => {
  const given = await linked(stack);
  const { tenantAccountId } = given;
  const { id } = await makeContract(given, `Mine ${tenantAccountId}`);
  await page.goto(`/contracts/${id}`);
  const change = page.getByRole('button', { name: 'Change …' });
  await change.focus();
  await page.keyboard.press('Enter');
  const form = page.getByRole('dialog', { name: `Change Mine ${tenantAccountId}` });
  const name = form.getByLabel('Name');
  await expect(form).toBeVisible();
  for (
    let stops = 0;
    stops < 10 && !(await name.evaluate((one) => one === document.activeElement));
    stops += 1
  )
    await page.keyboard.press('Tab');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('Typed here');
  await platform(stack).patch('/v1/billing-contracts/{id}', {
    path: { id },
    version: 1,
    body: { name: 'Theirs' },
  });
  await page.keyboard.press('Enter');
  const versions = form.getByRole('table', { name: 'Somebody changed this meanwhile' });
  await expect(versions.getByRole('row')).toHaveText([/Field/, 'NameTheirsTyped here']);
  await audit('both versions of a contract');
  const keep = form.getByRole('button', { name: 'Save mine' });
  for (
    let stops = 0;
    stops < 30 && !(await keep.evaluate((one) => one === document.activeElement));
    stops += 1
  )
    await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(form).toBeHidden();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Typed here');
  await expect(change).toBeFocused();
});

test('a viewer sees contracts, and which role could change them', async ({
  page,
  stack,
  signInAs,
  audit,
}) => {
  await connected(stack);
  await signInAs('viewer');
  await page.goto('/contracts');
  const make = page.getByRole('button', { name: 'Make contract …' });
  await expect(make).toHaveAttribute('aria-disabled', 'true');
  await make.focus();
  const reason = page.getByText('Needs the role operator; you have viewer.').filter({ visible: true });
  await expect(reason.first()).toBeVisible();
  await audit('contracts for a viewer');
});
