import type { Answer, Connector, Isthmus, Operation } from '@isthmus/sdk';
import { expect, test } from '../support/console.ts';
import { as, licensed } from '../support/licensed.ts';
import type { Stack } from '../support/stack.ts';

type Invoice = Answer<Operation<'get', '/v1/invoices/{id}'>>;

/** What is wrong with the files of the simulated CMP, until it is mended. */
async function spoil({ simulator }: Stack, oddities: object | undefined): Promise<void> {
  const answer = await fetch(`${simulator.control}/report-oddities`, {
    method: oddities ? 'POST' : 'DELETE',
    ...(oddities && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(oddities) }),
  });
  if (!answer.ok) throw new Error(`The simulator did not accept it: ${await answer.text()}`);
}

interface Invoiced {
  isthmus: Isthmus;
  connector: Connector;
  account: string;
  /** The newest one: it states its total, and has lines for customers that nobody knows. */
  invoice: Invoice;
}

async function invoiced(stack: Stack): Promise<Invoiced> {
  const { connector, account } = await licensed(stack);
  const isthmus = as(stack, 'operator');
  const query = { connectorId: connector.id, limit: 1 };
  const newest = async () => (await isthmus.get('/v1/invoices', { query })).data[0];
  if (!(await newest()))
    await isthmus.syncRuns.succeeded(
      (await isthmus.syncRuns.start({ connectorId: connector.id, scope: 'reports', depth: 'full' })).id,
    );
  if (((await newest())?.unmatchedLines ?? 0) < 4) {
    await spoil(stack, { unknownCustomers: 20, totalRow: true });
    const [report] = (await isthmus.get('/v1/rated-reports', { query })).data;
    const run = await isthmus.post('/v1/rated-reports/{id}/reimport', { path: { id: report!.id } });
    await isthmus.syncRuns.succeeded(run.id);
    await spoil(stack, undefined);
  }
  return { isthmus, connector, account: account.name, invoice: (await newest())! };
}

const unmatchedOf = async (isthmus: Isthmus, id: string): Promise<number> =>
  (await isthmus.get('/v1/invoices/{id}', { path: { id } })).unmatchedLines;

test('an invoice: whether it adds up, its lines, and whose the unmatched ones are', async ({
  page,
  stack,
  audit,
}) => {
  const { isthmus, connector, account, invoice } = await invoiced(stack);
  await page.goto(`/invoices?connector=${connector.id}`);
  const list = page.getByRole('region', { name: 'Invoices' });
  const row = list.getByRole('row').filter({ hasText: invoice.number });
  await expect(row).toContainText('Adds up');
  await expect(row).toContainText(/USD\s[\d.,]+.*USD\s[\d.,]+/);
  await audit('invoices');
  await page.getByLabel('Balance').selectOption('unbalanced');
  await expect(page.getByText('No invoice fits this view')).toBeVisible();
  await audit('no invoice');
  await page.getByLabel('Balance').selectOption('');

  await row.getByRole('link').first().click();
  await expect(page.getByRole('heading', { level: 1, name: /^Invoice / })).toBeVisible();
  const invoiceId = invoice.id;
  const before = await unmatchedOf(isthmus, invoiceId);
  expect(before).toBeGreaterThan(1);
  await expect(page.getByRole('region', { name: 'Lines' }).getByRole('row').nth(1)).toContainText('Matched');
  await audit('an invoice');
  const tabs = page.getByRole('navigation', { name: 'Views of the invoice' });
  await tabs.getByRole('button', { name: new RegExp(`^Without account ?${before}$`) }).click();
  const unmatched = page.getByRole('region', { name: 'Without account' });
  await expect(unmatched.getByRole('row')).toHaveCount(before + 1);
  await expect(unmatched.getByRole('row').nth(1)).toContainText(/is known|has this name|has this number/);

  // One belongs to an account that a person knows.
  await unmatched
    .getByRole('button', { name: /^Actions for/ })
    .first()
    .click();
  await page.getByRole('menuitem', { name: 'Decide …' }).click();
  const drawer = page.getByRole('dialog', { name: /^Decide about/ });
  await drawer.getByRole('button', { name: 'Decide', exact: true }).click();
  await expect(drawer.getByText('Fill this in')).toBeVisible();
  await expect(drawer.getByText('Choose an account')).toBeVisible();
  await audit('a decision with errors');
  await drawer.getByRole('searchbox', { name: 'Search accounts' }).fill(account);
  await drawer.getByRole('radio', { name: new RegExp(`^${account.replace(/[.()]/g, '\\$&')}`) }).click();
  await drawer.getByLabel('Subscription').selectOption({ index: 1 });
  await drawer.getByLabel('Reason').fill('Their old name.');
  await drawer.getByRole('button', { name: 'Decide', exact: true }).click();
  await expect(drawer).toBeHidden();
  await expect(
    tabs.getByRole('button', { name: new RegExp(`^Without account ?${before - 1}$`) }),
  ).toBeVisible();

  // Another is nobody's.
  await unmatched
    .getByRole('button', { name: /^Actions for/ })
    .first()
    .click();
  await page.getByRole('menuitem', { name: 'Decide …' }).click();
  await drawer.getByRole('radio', { name: /^It needs no account/ }).click();
  await drawer.getByLabel('Reason').fill('Test customer of the vendor.');
  await drawer.getByRole('button', { name: 'Decide', exact: true }).click();
  await expect(drawer).toBeHidden();
  await expect(
    tabs.getByRole('button', { name: new RegExp(`^Without account ?${before - 2}$`) }),
  ).toBeVisible();
  expect(await unmatchedOf(isthmus, invoiceId)).toBe(before - 2);

  // Taken back, it waits again.
  const lines = [];
  for await (const line of isthmus.all('/v1/invoices/{id}/lines', { path: { id: invoiceId } }))
    if (line.decidedBy !== null) lines.push(line);
  // Among others, where a story was told before that decides about the same invoice.
  expect(lines.map(({ matchedBy, decisionReason }) => `${matchedBy}: ${decisionReason}`)).toEqual(
    expect.arrayContaining(['manual: Their old name.', 'null: Test customer of the vendor.']),
  );
  const excluded = lines.find(({ excludedAt }) => excludedAt !== null)!;
  await page.goto(`/invoices/${invoiceId}?drawer=decide&line=${excluded.id}`);
  await drawer.getByRole('radio', { name: /^Let the rules decide/ }).click();
  await drawer.getByLabel('Reason').fill('A real customer after all.');
  await drawer.getByRole('button', { name: 'Decide', exact: true }).click();
  await expect(drawer).toBeHidden();
  await expect(
    tabs.getByRole('button', { name: new RegExp(`^Without account ?${before - 1}$`) }),
  ).toBeVisible();
});

test('a report that cannot be read says why, and what to do', async ({ page, stack, audit }) => {
  const { isthmus, connector } = await invoiced(stack);
  await spoil(stack, { truncated: true });
  const { data } = await isthmus.get('/v1/rated-reports', { query: { connectorId: connector.id, limit: 1 } });
  const [report] = data;
  await page.goto(`/invoices?tab=reports&connector=${connector.id}`);
  const reports = page.getByRole('region', { name: 'Reports' });
  const row = reports.getByRole('row').filter({ hasText: report!.cmpReportId });
  await row.getByRole('button', { name: /^Actions for/ }).click();
  await audit('menu of a report');
  await page.getByRole('menuitem', { name: 'Read again' }).click();
  await expect(page.getByText(/is being read again$/)).toBeVisible();
  await expect(row).toContainText('report.file-broken');
  const { failure } = await isthmus.get('/v1/rated-reports/{id}', { path: { id: report!.id } });
  await expect(row).toContainText(failure!.nextStep);
  await audit('a report that failed');
  await spoil(stack, undefined);
  await page.getByLabel('Result').selectOption('failed');
  await expect(page).toHaveURL(/status=failed/);
});

test('by keyboard alone: a charge is decided about; at 320 pixels, in German, and without the role', async ({
  page,
  stack,
  signInAs,
  audit,
}) => {
  await invoiced(stack);
  await page.goto('/invoices?tab=unmatched');
  const menus = page
    .getByRole('region', { name: 'Without account' })
    .getByRole('button', { name: /^Actions for/ });
  const first = await menus.first().getAttribute('aria-label');
  await menus.first().focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem', { name: 'Decide …' })).toBeFocused();
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('dialog', { name: /^Decide about/ });
  await expect(drawer.getByRole('radio', { name: /^It belongs to an account/ })).toBeChecked();
  const decision = drawer.getByRole('radio', { name: /^It belongs to an account/ });
  for (let step = 0; step < 8; step += 1) {
    if (await decision.evaluate((one) => one === document.activeElement)) break;
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('ArrowDown');
  await expect(drawer.getByRole('radio', { name: /^It needs no account/ })).toBeChecked();
  await page.keyboard.press('Tab');
  await expect(drawer.getByLabel('Reason')).toBeFocused();
  await page.keyboard.type('Nobody is to pay for it.');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(drawer).toBeHidden();
  await expect(page.getByRole('button', { name: first!, exact: true })).toBeHidden();

  await signInAs('viewer');
  await page.evaluate(() => localStorage.setItem('isthmus.preferences', '{"language":"de"}'));
  await page.setViewportSize({ width: 320, height: 700 });
  await page.goto('/invoices?tab=unmatched');
  await expect(page.getByRole('heading', { level: 1, name: 'Rechnungen' })).toBeVisible();
  const open = page.getByRole('button', { name: /^Aktionen für/ }).first();
  await open.click();
  await expect(page.getByRole('menuitem', { name: /^Entscheiden …/ })).toContainText(
    'Braucht die Rolle finance; Sie haben viewer.',
  );
  await page.keyboard.press('Escape');
  const isTooWide = await page.evaluate(
    () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
  );
  expect(isTooWide).toBe(false);
  await audit('unmatched lines at 320 pixels');
});
