import type { Connector, Isthmus } from '@isthmus/sdk';
import { expect, test } from '../support/console.ts';
import { as, type Account } from '../support/licensed.ts';
import { connected } from '../support/platform.ts';
import type { Stack } from '../support/stack.ts';

/** Customers of which nobody has done anything yet, with the most seats first. */
async function untouched(
  stack: Stack,
): Promise<{ isthmus: Isthmus; connector: Connector; accounts: Account[] }> {
  const isthmus = as(stack, 'admin');
  const connector = await connected(stack);
  const { data } = await isthmus.get('/v1/provider-accounts', {
    query: { connectorId: connector.id, linked: false, syncEnabled: true, limit: 200 },
  });
  return { isthmus, connector, accounts: data.filter(({ status }) => status === 'active') };
}

test('an account: link it, make its contract, sync its subscriptions, set its domain, switch its sync off', async ({
  page,
  stack,
  audit,
}) => {
  const { isthmus, accounts, connector } = await untouched(stack);
  const [account] = accounts;
  const { id, name } = account!;

  await page.goto(`/accounts?connector=${account!.connectorId}&q=${account!.cmpAccountId}`);
  await page.getByRole('region', { name: 'Accounts' }).getByRole('link', { name }).click();
  await expect(page.getByRole('heading', { name, level: 1 })).toBeFocused();
  const ingram = page.getByRole('region', { name: 'At Ingram Micro' });
  const work365 = page.getByRole('region', { name: 'In Work 365' });
  await expect(ingram).toContainText(account!.cmpAccountId);
  await expect(work365).toContainText('It is not linked to a Work 365 account');
  const make = page.getByRole('button', { name: 'Make contract …' }).first();
  await expect(make).toHaveAttribute('aria-disabled', 'true');
  await audit('an account that is not linked');

  await work365.getByRole('button', { name: `Link ${name}` }).click();
  const link = page.getByRole('dialog', { name: `Link ${name}` });
  const tenantAccountId = `W365-${Date.now()}`;
  await link.getByText('New Work 365 account').click();
  await link.getByLabel('Its id in Work 365').fill(tenantAccountId);
  await link.getByRole('button', { name: 'Link', exact: true }).click();
  await expect(work365).toContainText(tenantAccountId);
  await expect(page.getByText('It has no contract')).toBeVisible();

  // Name and currency are there already.
  await make.click();
  const form = page.getByRole('dialog', { name: 'Make a contract' });
  await expect(form.getByLabel('Name')).toHaveValue(name);
  await expect(form.getByLabel('Currency')).toHaveValue(connector.currency);
  await expect(form.getByLabel('Default')).toBeChecked();
  await audit('a new contract');
  await form.getByRole('button', { name: 'Make contract' }).click();
  await expect(form).toBeHidden();
  const contracts = page.getByRole('region', { name: 'Contracts' });
  await expect(contracts.getByRole('row', { name: new RegExp(connector.currency) })).toContainText('Default');

  await page.getByRole('button', { name: 'Sync subscriptions' }).click();
  const progress = page.getByRole('region', { name: 'Sync of the subscriptions' });
  await expect(progress).toContainText('Succeeded');
  await expect(page).toHaveURL(/runs=/);
  const subscriptions = page.getByRole('region', { name: 'Subscriptions', exact: true });
  await expect(subscriptions.getByRole('row').nth(1)).toBeVisible();
  await expect(subscriptions.getByRole('row').nth(1)).toContainText(name);
  await audit('an account with its contract and subscriptions');
  // What the sync found of the account itself has to be here, too, or it is changed by somebody else meanwhile.
  const { customDomain } = await isthmus.get('/v1/provider-accounts/{id}', { path: { id } });
  if (customDomain) await expect(ingram).toContainText(customDomain);

  await page.getByRole('button', { name: 'Edit custom domain …' }).click();
  const domain = page.getByRole('dialog', { name: `Custom domain of ${name}` });
  await domain.getByLabel('Where it comes from').selectOption('By hand');
  await domain.getByLabel('Custom domain').fill('no domain');
  await domain.getByRole('button', { name: 'Save' }).click();
  await expect(domain.getByLabel('Custom domain')).toHaveAttribute('aria-invalid', 'true');
  await expect(domain).toContainText('Enter a whole domain, such as contoso.onmicrosoft.com');
  await expect(domain).not.toContainText('customDomain');
  await audit('a domain that is none');
  await domain.getByLabel('Custom domain').fill('by-hand.com');
  await expect(domain).toContainText('Orders of Microsoft products need');
  await domain.getByLabel('Custom domain').fill('by-hand.onmicrosoft.com');
  await domain.getByRole('button', { name: 'Save' }).click();
  await expect(ingram).toContainText('by-hand.onmicrosoft.comby hand');
  await page.getByRole('button', { name: 'Edit custom domain …' }).click();
  await domain.getByLabel('Where it comes from').selectOption('From Ingram Micro');
  await domain.getByRole('button', { name: 'Save' }).click();
  await expect(ingram).not.toContainText('by-hand.onmicrosoft.com');

  await page.getByRole('button', { name: 'Turn sync off' }).click();
  await expect(page.getByRole('button', { name: 'Turn sync on' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Sync subscriptions' })).toHaveAttribute(
    'aria-disabled',
    'true',
  );
  await page.getByRole('button', { name: 'Turn sync on' }).click();
  await expect(page.getByRole('button', { name: 'Turn sync off' })).toBeVisible();

  // A contract in force needs the link: it is refused, with what to do.
  await page.getByRole('button', { name: 'Unlink' }).click();
  const ask = page.getByRole('alertdialog', { name: `Remove the link of ${name}?` });
  await ask.getByRole('button', { name: 'Unlink' }).click();
  await expect(ask.getByRole('alert')).toBeVisible();
  await audit('a link that is needed');
  await ask.getByRole('button', { name: 'Cancel' }).click();
  await expect(work365).toContainText(tenantAccountId);

  await page.reload();
  await expect(page.getByRole('region', { name: 'What happened' })).toContainText('Linked');
  const done = page.getByRole('region', { name: 'Who changed what' });
  await expect(done).toContainText('→ by-hand.onmicrosoft.com');
});

test('by keyboard alone: from the list to an account, its domain, and back to where one was', async ({
  page,
  stack,
}) => {
  const { accounts } = await untouched(stack);
  const { name, cmpAccountId, connectorId } = accounts.at(-1)!;
  await page.goto(`/accounts?connector=${connectorId}&q=${cmpAccountId}`);
  await page.getByRole('region', { name: 'Accounts' }).getByRole('link', { name }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name, level: 1 })).toBeFocused();
  const edit = page.getByRole('button', { name: 'Edit custom domain …' });
  for (
    let stops = 0;
    stops < 20 && !(await edit.evaluate((one) => one === document.activeElement));
    stops += 1
  )
    await page.keyboard.press('Tab');
  await expect(edit).toBeFocused();
  await page.keyboard.press('Enter');
  const domain = page.getByRole('dialog', { name: `Custom domain of ${name}` });
  await expect(domain).toBeVisible();
  const source = domain.getByLabel('Where it comes from');
  for (
    let stops = 0;
    stops < 10 && !(await source.evaluate((one) => one === document.activeElement));
    stops += 1
  )
    await page.keyboard.press('Tab');
  await page.keyboard.press('B');
  await expect(domain.getByLabel('Custom domain')).toBeVisible();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('keys.onmicrosoft.com');
  await page.keyboard.press('Enter');
  await expect(domain).toBeHidden();
  await expect(edit).toBeFocused();
  await expect(page.getByRole('region', { name: 'At Ingram Micro' })).toContainText('keys.onmicrosoft.com');
});

test('a viewer sees an account with its reasons; in German, at 320 pixels, nothing is lost', async ({
  page,
  stack,
  signInAs,
  audit,
}) => {
  const { accounts } = await untouched(stack);
  const { id } = accounts[0] ?? { id: '' };
  await signInAs('viewer');
  await page.setViewportSize({ width: 320, height: 640 });
  await page.addInitScript(() =>
    localStorage.setItem('isthmus.preferences', JSON.stringify({ language: 'de' })),
  );
  await page.goto(`/accounts/${id}`);
  await expect(page.getByText('Braucht die Rolle admin; Sie haben viewer.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Eigene Domain bearbeiten …' })).toHaveAttribute(
    'aria-disabled',
    'true',
  );
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  await audit('an account at 320 pixels');
});

test('Work 365 accounts from a file: first what each row would do, then what it did', async ({
  page,
  stack,
  audit,
}) => {
  await connected(stack);
  const stamp = Date.now();
  const csv = [
    'id,name,domains,emails,taxRegId',
    `IMP-${stamp}-1,"Fourth Coffee, Inc.",fourth-${stamp}.example,,`,
    `IMP-${stamp}-2,Fabrikam,not a domain,,`,
    `IMP-${stamp}-1,Twice,,,`,
  ].join('\n');
  await page.goto('/accounts');
  const open = page.getByRole('button', { name: 'Import Work 365 accounts …' });
  await open.click();
  const drawer = page.getByRole('dialog', { name: 'Import Work 365 accounts' });
  const dryRun = drawer.getByRole('button', { name: 'Show what would happen' });
  await expect(dryRun).toHaveAttribute('aria-disabled', 'true');
  await audit('an import without a file');

  const file = (text: string): { name: string; mimeType: string; buffer: Buffer } => ({
    name: 'accounts.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(text),
  });
  await drawer.getByLabel('CSV file').setInputFiles(file('name\nFabrikam\n'));
  await dryRun.click();
  await expect(drawer.getByRole('alert')).toContainText('The column id is missing.');

  await drawer.getByLabel('CSV file').setInputFiles(file(csv));
  await dryRun.click();
  await expect(drawer.getByText('1 to do, 0 unchanged, 2 with errors')).toBeVisible();
  await expect(drawer.getByRole('row', { name: /\(row 3\)/ })).toContainText(
    'Row 1 is about the same account.',
  );
  const { data: before } = await as(stack, 'admin').get('/v1/tenant-accounts', {
    query: { q: `IMP-${stamp}` },
  });
  expect(before).toEqual([]);
  await audit('what an import would do');
  await drawer.getByRole('button', { name: 'Import 1' }).click();
  await expect(drawer.getByText('Done', { exact: true }).first()).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(drawer).toBeHidden();
  await expect(open).toBeFocused();
  const made = await as(stack, 'admin').get('/v1/tenant-accounts/{id}', { path: { id: `IMP-${stamp}-1` } });
  expect(made).toMatchObject({ name: 'Fourth Coffee, Inc.', domains: [`fourth-${stamp}.example`] });
});
