import { lostInForcedColours } from './support/appearance.ts';
import { expect, pressPerson, test } from './support/console.ts';
import { tabTo } from './support/keyboard.ts';
import { connected, platform } from './support/platform.ts';

const integrations = '/admin/hub/integrations';

test('a viewer sees what cannot be done, and which role could', async ({ page, stack, signInAs, audit }) => {
  const { name } = await connected(stack);
  await signInAs('viewer');
  await page.goto(integrations);
  const create = page.getByRole('region', { name: 'Available' }).getByRole('button', { name: 'Create' });
  await expect(create).toHaveAttribute('aria-disabled', 'true');
  // The hint is loaded when the first button needs one, and the button is drawn anew then.
  await create.focus();
  await expect(page.getByText('Needs the role admin; you have viewer.')).toBeVisible();
  await expect(create).toBeFocused();
  await create.press('Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.getByRole('button', { name: `Actions for ${name}` }).click();
  const edit = page.getByRole('menuitem', { name: /Edit/ });
  await expect(edit).toHaveAttribute('aria-disabled', 'true');
  await expect(edit).toContainText('Needs the role admin; you have viewer.');
  await audit('what a viewer sees');
});

test('when somebody else was faster, both versions are shown, and nothing is lost', async ({
  page,
  stack,
  audit,
}) => {
  const connector = await connected(stack);
  await page.goto(`${integrations}?drawer=edit&id=${connector.id}`);
  const form = page.getByRole('dialog', { name: `Edit ${connector.name}` });
  const theirs = `${connector.name} (theirs)`;
  const mine = `${connector.name} (mine)`;
  await form.getByRole('textbox', { name: 'Name', exact: true }).fill(mine);
  const { version } = await platform(stack).get('/v1/connectors/{id}', { path: { id: connector.id } });
  await platform(stack).patch('/v1/connectors/{id}', {
    path: { id: connector.id },
    version,
    body: { name: theirs },
  });

  await form.getByRole('button', { name: 'Save', exact: true }).click();
  const versions = form.getByRole('table', { name: 'Somebody changed this meanwhile' });
  await expect(versions.getByRole('row')).toHaveText([/Field/, `Name${theirs}${mine}`]);
  await audit('both versions');
  await form.getByRole('button', { name: 'Save mine' }).click();
  await expect(form).toBeHidden();
  await expect(page.getByRole('row', { name: new RegExp(mine.replace(/[()]/g, '\\$&')) })).toBeVisible();
});

test('when a service is down, the last list stays and says since when', async ({ page, stack, audit }) => {
  await connected(stack);
  await page.goto('/accounts');
  const rows = page.getByRole('region', { name: 'Accounts' }).getByRole('row');
  await expect(rows.nth(1)).toBeVisible();
  await page.route('**/v1/provider-accounts?**', (route) =>
    route.fulfill({
      status: 503,
      contentType: 'application/problem+json',
      body: JSON.stringify({
        type: 'urn:isthmus:problem:service-unavailable',
        title: 'account-sync is not available.',
        status: 503,
        correlationId: 'c0ffee',
      }),
    }),
  );
  const pages = page.getByRole('navigation', { name: 'Pages' });
  await pages.getByRole('link', { name: 'Sync runs' }).click();
  await page.waitForTimeout(6_000);
  await pages.getByRole('link', { name: /^Accounts/ }).click();
  await expect(page.getByText(/^Shown as last seen at/)).toBeVisible();
  await expect(rows.nth(1)).toBeVisible();
  await audit('a stale list');
  await page.unroute('**/v1/provider-accounts?**');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByText(/^Shown as last seen at/)).toBeHidden();
});

test('a list that never came says why, with what to pass on', async ({ page, audit }) => {
  let isAnswered = true;
  await page.route('**/v1/sync-runs?**', async (route) => {
    if (!isAnswered) return;
    await route.fulfill({
      status: 503,
      contentType: 'application/problem+json',
      body: JSON.stringify({
        type: 'urn:isthmus:problem:service-unavailable',
        title: 'account-sync is not available.',
        status: 503,
        nextStep: 'Try again in a minute.',
        correlationId: 'c0ffee',
      }),
    });
  });
  await page.goto('/sync-runs');
  const alert = page.getByRole('alert').filter({ hasText: 'account-sync is not available.' });
  await expect(alert).toContainText('Try again in a minute.');
  await expect(alert).toContainText('c0ffee');
  await audit('a problem');
  // What went wrong is still there while the page asks again by itself.
  isAnswered = false;
  await page.waitForRequest('**/v1/sync-runs?**');
  await expect(page.getByText('could not be brought up to date')).toBeVisible();
  expect(await alert.isVisible()).toBe(true);
});

test('a session that is over leads to the sign-in and back to the same page', async ({ page, stack }) => {
  await connected(stack);
  await page.goto('/accounts?tab=unlinked&q=a');
  await expect(page.getByRole('region', { name: 'Accounts' }).getByRole('row').nth(1)).toBeVisible();
  await page.context().clearCookies();
  // The page finds out by itself: it asks for what is new every few seconds.
  await pressPerson(page, 'admin');
  await expect(page).toHaveURL(/\/accounts\?tab=unlinked&q=a$/);
  await expect(page.getByRole('region', { name: 'Accounts' }).getByRole('row').nth(1)).toBeVisible();
});

test('by keyboard alone: the gear menu, its drawer, and back to where one was', async ({ page, stack }) => {
  const { name } = await connected(stack);
  await page.goto(integrations);
  await expect(page.getByRole('button', { name: `Actions for ${name}` })).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the page' })).toBeFocused();
  await tabTo(page, `Actions for ${name}`);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem', { name: 'Edit' })).toBeFocused();
  await page.keyboard.press('v');
  await expect(page.getByRole('menuitem', { name: 'Verify Connectivity' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: `Actions for ${name}` })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  const form = page.getByRole('dialog', { name: `Edit ${name}` });
  await expect(form).toBeVisible();
  await tabTo(page, 'Cancel');
  await page.keyboard.press('Enter');
  await expect(form).toBeHidden();
  await expect(page.getByRole('button', { name: `Actions for ${name}` })).toBeFocused();
});

test('what was typed is not lost by accident', async ({ page }) => {
  await page.goto(`${integrations}?drawer=create`);
  const form = page.getByRole('dialog', { name: 'Create Ingram Connector' });
  await form.getByRole('textbox', { name: 'Name', exact: true }).fill('IngramMicro DE');
  await page.keyboard.press('Escape');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' }).click();
  await expect(form.getByRole('textbox', { name: 'Name', exact: true })).toHaveValue('IngramMicro DE');
  await form.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Discard changes' }).click();
  await expect(form).toBeHidden();
});

test('German and dark, kept for the next visit', async ({ page, stack, audit }) => {
  await connected(stack);
  await page.goto(integrations);
  const me = page.getByRole('button', { name: /^Signed in as/ });
  await me.click();
  await page.getByRole('menuitemradio', { name: 'Deutsch' }).click();
  await expect(page.getByRole('heading', { name: 'Ihre Konnektoren' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Ihre Konnektoren' })).toBeVisible();
  expect(await page.locator('html').getAttribute('lang')).toBe('de');
  await audit('the integrations in German');
});

for (const [what, settings] of [
  ['320 pixels', { width: 320, height: 640 }],
  ['200 % of a small screen', { width: 640, height: 400 }],
] as const)
  test(`nothing is lost at ${what}: only tables scroll sideways`, async ({ page, stack, audit }) => {
    await connected(stack);
    await page.setViewportSize(settings);
    for (const path of [integrations, '/accounts', '/sync-runs', `${integrations}?drawer=create`]) {
      await page.goto(path);
      await expect(page.getByRole('heading').first()).toBeVisible();
      await page.waitForLoadState('networkidle');
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width, path).toBeLessThanOrEqual(settings.width);
      await audit(`${path} at ${what}`);
    }
  });

test('a search finds pages of things by what they are called', async ({ page }) => {
  await page.route('**/v1/search?**', (route) =>
    route.fulfill({
      json: { data: [{ kind: 'provider-account', id: 'a1', title: 'Adatum', subtitle: '1300701' }] },
    }),
  );
  await page.goto(integrations);
  await expect(page.getByRole('heading', { name: 'Your connectors' })).toBeVisible();
  await page.keyboard.press('Control+k');
  const box = page.getByRole('combobox', { name: 'Name, number, domain or id' });
  await expect(box).toBeFocused();
  await box.fill('ada');
  await expect(page.getByRole('option', { name: /Adatum/ })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/accounts\/a1$/);
});

test('links can be read in a row under the pointer, and in one that is chosen', async ({
  page,
  stack,
  audit,
}) => {
  await connected(stack);
  await page.goto('/accounts');
  const row = page.getByRole('row').nth(1);
  await row.hover();
  await audit('a row under the pointer');
  await row.getByRole('checkbox').check();
  await row.hover();
  await audit('a chosen row');
});

test('a long list is there again when one comes back to it', async ({ page, stack }) => {
  await connected(stack);
  await page.goto('/accounts');
  const first = page
    .getByRole('region', { name: 'Accounts' })
    .getByRole('row')
    .nth(1)
    .getByRole('cell')
    .nth(1);
  await expect(first).toBeVisible();
  const pages = page.getByRole('navigation', { name: 'Pages' });
  await pages.getByRole('link', { name: 'Events' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Events' })).toBeVisible();
  await pages.getByRole('link', { name: 'Accounts' }).click();
  await expect(first).toBeVisible({ timeout: 10_000 });
});

test('by keyboard in forced colours: on every page each stop is seen, and so is which page it is', async ({
  page,
  stack,
}) => {
  await connected(stack);
  await page.emulateMedia({ forcedColors: 'active' });
  await page.goto('/');
  const links = page.getByRole('navigation', { name: 'Pages' }).getByRole('link');
  await expect(links.first()).toBeVisible();
  const paths = await links.evaluateAll((all) => all.map((link) => link.getAttribute('href')!));
  for (const path of [...paths, '/buy', integrations, '/admin/hub/audit']) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await page.waitForLoadState('networkidle');
    // The menu is the same on every page: past it, by the first stop.
    if (path !== paths[0]) for (const key of ['Tab', 'Enter']) await page.keyboard.press(key);
    for (let stops = 0; stops < (path === paths[0] ? 40 : 15); stops += 1) {
      await page.keyboard.press('Tab');
      expect(await lostInForcedColours(page), `${path}, ${stops + 1} × Tab`).toEqual([]);
    }
  }
});
