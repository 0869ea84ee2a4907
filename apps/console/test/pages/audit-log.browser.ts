import { readFileSync } from 'node:fs';
import { expect, test } from '../support/console.ts';
import { as } from '../support/licensed.ts';
import { connected } from '../support/platform.ts';

test('who did what is found again: before and after, the reason, by filters, and as a file', async ({
  page,
  stack,
  audit,
}) => {
  const { id } = await connected(stack);
  const admin = as(stack, 'admin');
  const { version, name } = await admin.get('/v1/connectors/{id}', { path: { id } });
  const renamed = await admin.patch('/v1/connectors/{id}', {
    path: { id },
    version,
    body: { name: `${name}, renamed` },
  });
  await admin.patch('/v1/connectors/{id}', { path: { id }, version: renamed.version, body: { name } });
  await admin.post('/v1/connectors/{id}/pause', { path: { id }, body: { reason: 'Ingram works on it' } });
  await admin.post('/v1/connectors/{id}/resume', { path: { id } });

  await page.goto('/admin/hub');
  await page
    .getByRole('navigation', { name: 'Configuration' })
    .getByRole('button', { name: 'Audit' })
    .click();
  await expect(page.getByRole('heading', { level: 1, name: 'Audit' })).toBeFocused();
  const log = page.getByRole('region', { name: 'Audit' });
  const paused = log.getByRole('row', { name: /Connector paused/ }).first();
  await expect(paused).toContainText('Ingram works on it');
  await audit('the audit log');

  await page.getByLabel('Action', { exact: true }).selectOption('Connector settings changed');
  await page.getByRole('searchbox', { name: 'Id of what was changed' }).fill(id);
  await expect(page).toHaveURL(new RegExp(`action=connector.update.*thing=${id}`));
  await expect(paused).toBeHidden();
  const entry = log.getByRole('row', { name: /Connector settings changed/ }).nth(1);
  await entry.getByRole('button', { name: 'Connector settings changed', exact: true }).click();
  const drawer = page.getByRole('dialog', { name: 'Connector settings changed' });
  const row = drawer.getByRole('row', { name: /^Name/ });
  await expect(row).toContainText(`${name}, renamed`);
  await expect(drawer).toContainText('admin@');
  await expect(drawer.getByRole('button', { name: /Copy: Correlation ID/ })).toBeVisible();
  await audit('an entry of the audit log');
  await page.reload();
  await expect(drawer).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(drawer).toBeHidden();

  const file = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download CSV' }).click();
  const text = readFileSync(await (await file).path(), 'utf8');
  expect(text.split('\n')[0]).toContain('correlationId');
  expect(text).toContain('connector.update');
  expect(text).not.toContain('connector.pause');

  await page.getByRole('searchbox', { name: 'Who, exactly' }).fill('nobody');
  await expect(page.getByText('No entry fits these filters')).toBeVisible();
  await audit('no entry of the audit log');
  await page.getByRole('link', { name: 'Show all entries' }).click();
  await expect(paused).toBeVisible();
  await page.getByLabel('Area').selectOption('webhooks');
  await expect(paused).toBeHidden();
  await page.getByLabel('Area').selectOption('connector-config');
  await paused.getByRole('button', { name: /^Actions for/ }).click();
  await audit('menu of an entry');
  await page.getByRole('menuitem', { name: 'Only about this' }).click();
  await expect(page).toHaveURL(/type=connector/);
  await page.getByRole('button', { name: 'Not only Connector' }).click();
  await expect(page).not.toHaveURL(/type=/);
});

test('by keyboard alone: an entry is opened and left, and the focus returns', async ({ page, stack }) => {
  await connected(stack);
  await page.goto('/admin/hub/audit?action=connector.create');
  const first = page
    .getByRole('region', { name: 'Audit' })
    .getByRole('button', { name: 'Connector created', exact: true })
    .first();
  await expect(first).toBeVisible();
  for (
    let count = 0;
    count < 60 && !(await first.evaluate((one) => one === document.activeElement));
    count += 1
  )
    await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('dialog', { name: 'Connector created' });
  await expect(drawer).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(drawer).toBeHidden();
  await expect(first).toBeFocused();
});

test('the audit log in German on a small screen; for a viewer it says which role is needed', async ({
  page,
  stack,
  signInAs,
  audit,
}) => {
  await connected(stack);
  await page.setViewportSize({ width: 320, height: 700 });
  await page.addInitScript(() => localStorage.setItem('isthmus.preferences', '{"language":"de"}'));
  await page.goto('/admin/hub/audit');
  await expect(page.getByRole('heading', { level: 1, name: 'Protokoll' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Protokoll' }).getByRole('row').nth(1)).toBeVisible();
  const sideways = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(sideways).toBe(0);
  await audit('the audit log in German');
  await signInAs('viewer');
  await page.reload();
  await expect(page.getByRole('alert')).toContainText('admin');
  await expect(page.getByRole('region', { name: 'Protokoll' })).toBeHidden();
  await audit('the audit log, as a viewer');
});
