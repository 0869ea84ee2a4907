import type { Page } from '@playwright/test';
import { expect, test } from '../support/console.ts';
import { tabTo } from '../support/keyboard.ts';
import { as, until } from '../support/licensed.ts';
import { addressOfItsOwn, marketplaceOf } from '../support/platform.ts';
import type { Stack } from '../support/stack.ts';

const hub = '/admin/hub/integrations';
const made: string[] = [];

/** Paused, or with a password that is wrong, they are of no use for other stories, which take the first that there is. */
test.afterEach(async ({ stack }) => {
  for (const id of made.splice(0))
    await as(stack, 'admin').delete('/v1/connectors/{id}', { path: { id }, query: { confirm: true } });
});

/** A connector of its own for each test, with no schedule: its timeline and its keys are only what the test does. */
async function connector(stack: Stack): Promise<{ id: string; name: string }> {
  const { username, password, subscriptionKey, accountId, country, currency } = await marketplaceOf(stack);
  const name = `IngramMicro ${crypto.randomUUID().slice(0, 8)}`;
  const settings = { username, password, subscriptionKey, accountId, country, currency };
  const schedule = { tickMinutes: 0, sweepMinutes: 0, accountsMinutes: 0 };
  const body = { name, ...settings, schedule, apiUrl: addressOfItsOwn(stack) };
  const { id } = await as(stack, 'admin').post('/v1/connectors', { body });
  made.push(id);
  return { id, name };
}

const tab = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'About this connector' }).getByRole('button', { name });

test('the timeline has what was done and what ran, by whom and with what came of it', async ({
  page,
  stack,
  audit,
}) => {
  const { id, name } = await connector(stack);
  await page.route('**/v1/me', async (route) => {
    const response = await route.fetch();
    const me = (await response.json()) as object;
    await route.fulfill({
      response,
      json: { ...me, controlPanelUrlTemplate: 'https://cp.{marketplace}.{region}.example.com' },
    });
  });
  await page.goto(hub);
  await page.getByRole('link', { name, exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeFocused();
  await expect(page.getByRole('link', { name: 'Open the control panel of Ingram Micro' })).toHaveAttribute(
    'href',
    /^https:\/\/cp\.us\.[a-z]+\.example\.com$/,
  );
  const timeline = page.getByRole('list', { name: 'Timeline' });
  await expect(timeline.getByRole('listitem').filter({ hasText: 'Created' })).toContainText(/by admin/);

  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  const pause = page.getByRole('alertdialog', { name: `Pause ${name}?` });
  await pause.getByLabel('Reason').fill('Moving house');
  await pause.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(page.getByText(/^Moving house – by admin/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Sync Provider Accounts' })).toHaveAttribute(
    'aria-disabled',
    'true',
  );
  await audit('a paused connector');
  await page.getByRole('button', { name: 'Resume', exact: true }).click();
  await page.getByRole('button', { name: 'Sync Provider Accounts' }).click();
  const isthmus = as(stack, 'admin');
  await until('the end of the run', async () => {
    const { data } = await isthmus.get('/v1/sync-runs', { query: { connectorId: id, scope: 'accounts' } });
    return data.find(({ status }) => status === 'succeeded');
  });

  await page.reload();
  const run = timeline.getByRole('listitem').filter({ hasText: 'Accounts' }).first();
  await expect(run).toContainText('Succeeded');
  await expect(run).toContainText('120 new');
  await expect(run).toContainText(/Everything · by admin/);
  await expect(timeline.getByRole('listitem').filter({ hasText: 'Paused' })).toContainText('Moving house');
  await audit('a timeline');

  await page.getByLabel('Show', { exact: true }).selectOption('changes');
  await expect(page).toHaveURL(/only=changes/);
  await expect(timeline.getByRole('listitem')).toHaveCount(3);
  await expect(timeline.getByRole('listitem').first()).toContainText('Resumed');
  await page.getByLabel('Show', { exact: true }).selectOption('runs');
  await timeline.getByRole('link', { name: 'Show the run' }).first().click();
  await expect(page).toHaveURL(new RegExp('/sync-runs/account/'));
});

test('a change is tried without saving it, saved, and verified; the timeline says what changed', async ({
  page,
  stack,
  audit,
}) => {
  const { id, name } = await connector(stack);
  await page.goto(`${hub}/${id}?tab=verification`);
  await expect(page.getByText('Not verified since it was saved')).toBeVisible();
  await audit('not verified yet');
  await tab(page, 'Settings').click();
  await expect(page.getByText('saved, cannot be read').first()).toBeVisible();
  await audit('settings');

  await page.getByRole('button', { name: 'Change or try …' }).click();
  const form = page.getByRole('dialog', { name: `Edit ${name}` });
  await form.getByRole('textbox', { name: 'Account ID' }).fill('999');
  await form.getByRole('button', { name: 'Try this change' }).click();
  await expect(form.getByText('A check failed')).toBeVisible();
  await audit('a change that was tried');
  expect((await as(stack, 'viewer').get('/v1/connectors/{id}', { path: { id } })).verification).toBeNull();
  await form.getByRole('textbox', { name: 'Account ID' }).fill((await marketplaceOf(stack)).accountId);
  await form.getByRole('button', { name: 'Schedule and call limit' }).click();
  await form.getByLabel('Calls per day at most').fill('4321');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form).toBeHidden();
  await expect(page.getByRole('button', { name: 'Change or try …' })).toBeFocused();
  await expect(page.getByText('4,321')).toBeVisible();

  await tab(page, 'Verification').click();
  await page.getByRole('button', { name: 'Verify Connectivity' }).click();
  await expect(page.getByText('All checks passed')).toBeVisible();
  await audit('a verification');

  await tab(page, 'Budget').click();
  await expect(page.getByText(/of 4,321 calls/)).toBeVisible();
  await expect(page.getByRole('list', { name: 'Calls left, by purpose' }).getByRole('listitem')).toHaveCount(
    4,
  );
  await audit('budget');

  await tab(page, 'Timeline').click();
  const timeline = page.getByRole('list', { name: 'Timeline' });
  await expect(timeline).toContainText('Verified: all checks passed');
  await expect(timeline).toContainText('Calls per day at most: 5000 → 4321');
  await page.goto(hub);
  await expect(page.getByRole('row', { name: new RegExp(name) })).toContainText(/of 4,321/);
  await audit('integrations with budgets');
});

test('a verification that failed marks what to mend; what CMP refused is counted', async ({
  page,
  stack,
  audit,
}) => {
  const { id } = await connector(stack);
  const isthmus = as(stack, 'admin');
  const { version } = await isthmus.get('/v1/connectors/{id}', { path: { id } });
  await isthmus.patch('/v1/connectors/{id}', { path: { id }, version, body: { password: 'wrong' } });
  await page.goto(`${hub}/${id}?tab=verification`);
  await page.getByRole('button', { name: 'Verify Connectivity' }).click();
  await expect(page.getByText('A check failed')).toBeVisible();
  await audit('a verification that failed');
  await page.getByRole('button', { name: 'Change or try …' }).click();
  await expect(page.getByRole('dialog', { name: /^Edit / })).toBeVisible();
  await page.keyboard.press('Escape');
  await tab(page, 'Timeline').click();
  await expect(page.getByRole('list', { name: 'Timeline' })).toContainText('Verified: Credentials failed');
});

test('by keyboard alone: a key is issued, copied once, and revoked', async ({ page, stack, audit }) => {
  const { id } = await connector(stack);
  await page.goto(`${hub}/${id}?tab=keys`);
  await expect(page.getByText('There is no key yet')).toBeVisible();
  await audit('no keys');
  await tabTo(page, 'Issue a key …');
  await page.keyboard.press('Enter');
  const form = page.getByRole('dialog', { name: 'Issue an API key' });
  await expect(form).toBeVisible();
  await tabTo(page, 'Issue');
  await page.keyboard.press('Enter');
  await expect(form.getByLabel('What for')).toBeFocused();
  await expect(form.getByText('Fill this in')).toBeVisible();
  await audit('a key, a field with an error');
  await page.keyboard.type('Work 365 production');
  await page.keyboard.press('Tab');
  await form.getByLabel('Expires').fill('2020-01-01');
  await tabTo(page, 'Issue');
  await page.keyboard.press('Enter');
  await expect(form.getByText(/must be a time in the future/)).toBeVisible();
  const inTenDays = new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10);
  await form.getByLabel('Expires').fill(inTenDays);
  await page.keyboard.press('Enter');
  await expect(form).toBeHidden();

  const note = page.getByRole('status').filter({ hasText: 'Work 365 production is issued' });
  await expect(note.getByText(/^isthmus_[\w-]{43}$/)).toBeVisible();
  await audit('a key, shown once');
  await tabTo(page, 'I have stored it');
  await page.keyboard.press('Enter');
  await expect(page.getByText(/isthmus_[\w-]{43}/)).toBeHidden();
  const row = page.getByRole('region', { name: 'Keys' }).getByRole('row', { name: /Work 365 production/ });
  await expect(row).toContainText('Never used.');
  await expect(row).toContainText(/in 10 days|in 9 days/);

  await tabTo(page, 'Actions for Work 365 production');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem', { name: 'Revoke …' })).toBeFocused();
  await audit('menu of a key');
  await page.keyboard.press('Enter');
  const ask = page.getByRole('alertdialog', { name: 'Revoke Work 365 production?' });
  await expect(ask).toBeVisible();
  await tabTo(page, 'Revoke');
  await page.keyboard.press('Enter');
  await expect(ask).toBeHidden();
  await expect(page.getByText('There is no key yet')).toBeVisible();

  await tab(page, 'Timeline').click();
  const timeline = page.getByRole('list', { name: 'Timeline' });
  await expect(timeline).toContainText('Issued: Work 365 production');
  await expect(timeline).toContainText('Revoked: Work 365 production');
});

test('a service that is down takes the timeline with it, not the page', async ({ page, stack, audit }) => {
  const { id, name } = await connector(stack);
  await page.route('**/timeline?**', (route) =>
    route.fulfill({
      status: 503,
      contentType: 'application/problem+json',
      body: JSON.stringify({
        type: 'urn:isthmus:problem:service-unavailable',
        title: 'A service is not available at the moment',
        detail: 'The service account-sync cannot be reached.',
        status: 503,
        correlationId: 'c0ffee',
      }),
    }),
  );
  await page.goto(`${hub}/${id}`);
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await expect(page.getByRole('alert')).toContainText('The service account-sync cannot be reached.');
  await audit('a timeline that is not there');
  await page.goto(`${hub}/${crypto.randomUUID()}`);
  await expect(page.getByRole('alert')).toContainText('There is no');
  await page.getByRole('link', { name: 'All connectors' }).click();
  await expect(page.getByRole('heading', { name: 'Your connectors' })).toBeVisible();
});

test('in German on a small screen, as a viewer: nothing is lost, and what one may not do says why', async ({
  page,
  stack,
  signInAs,
  audit,
}) => {
  const { id, name } = await connector(stack);
  await as(stack, 'admin').post('/v1/connectors/{id}/api-keys', { path: { id }, body: { label: 'Eins' } });
  await signInAs('viewer');
  await page.setViewportSize({ width: 320, height: 700 });
  await page.addInitScript(() => localStorage.setItem('isthmus.preferences', '{"language":"de"}'));
  for (const [which, words] of [
    ['timeline', 'Angelegt'],
    ['settings', 'gespeichert, nicht lesbar'],
    ['verification', 'Seit dem Speichern nicht geprüft'],
    ['budget', 'Verbleibende Aufrufe nach Zweck'],
    ['keys', 'Eins'],
  ] as const) {
    await page.goto(`${hub}/${id}?tab=${which}`);
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
    await expect(page.getByText(words).first()).toBeVisible();
    const sideways = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(sideways, which).toBe(0);
    await audit(`${which} in German`);
  }
  await expect(page.getByRole('button', { name: 'Schlüssel ausstellen …' })).toHaveAttribute(
    'aria-disabled',
    'true',
  );
  await expect(page.getByRole('button', { name: 'Anhalten' })).toHaveAttribute('aria-disabled', 'true');
});
