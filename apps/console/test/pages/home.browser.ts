import type { Page } from '@playwright/test';
import { connect, type Isthmus } from '@isthmus/sdk';
import { expect, picture, test } from '../support/console.ts';
import { as, until } from '../support/licensed.ts';
import { addressOfItsOwn, connected, marketplaceOf } from '../support/platform.ts';
import type { Stack } from '../support/stack.ts';

const needs = (page: Page) => page.getByRole('region', { name: 'What needs you' });

/** Of a tenant that has nothing yet. */
function fabrikam(stack: Stack): Isthmus {
  const [, tokens] = Object.values(stack.tokens);
  return connect({ baseUrl: stack.services, token: tokens!['admin']! });
}

test('what needs somebody is counted and leads to it; how fresh the data is, and what renews', async ({
  page,
  stack,
  audit,
}) => {
  const connector = await connected(stack);
  const { unlinked } = await as(stack, 'viewer').get('/v1/provider-accounts/counts');
  expect(unlinked).toBeGreaterThan(1);
  await page.goto('/');
  await expect(page.getByRole('heading', { level: 1, name: 'Home' })).toBeVisible();
  await expect(
    page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Home' }),
  ).toHaveAttribute('aria-current', 'page');
  const link = needs(page).getByRole('link', { name: `${unlinked} accounts are not linked` });
  await expect(link).toBeVisible();
  const freshness = page.getByRole('region', { name: 'Freshness' });
  await expect(freshness.getByRole('listitem').filter({ hasText: connector.name })).toBeVisible();
  const renewals = page.getByRole('region', { name: 'Renewals' });
  await expect(renewals.getByRole('link', { name: /within 90 days$/ })).toHaveAttribute(
    'href',
    /\/renewals\?tab=90$/,
  );
  await expect(renewals.getByRole('link', { name: /closes? within 7 days$/ })).toBeVisible();
  await expect(
    page.getByRole('region', { name: 'In progress' }).getByRole('link', { name: /open$/ }),
  ).toBeVisible();
  await audit('home');
  await picture(page, 'home');
  await link.click();
  await expect(page).toHaveURL(/\/accounts\?tab=unlinked$/);
});

test('a sync run in progress is shown as it is, and a paused connector waits for somebody', async ({
  page,
  stack,
  audit,
  fault,
}) => {
  const { id: connectorId, name } = await connected(stack);
  const admin = as(stack, 'admin');
  const quickAgain = await fault({
    ...{ kind: 'slow', ms: 8_000, times: null },
    match: { path: '^/subscriptions' },
  });
  const run = await admin.syncRuns.start({ connectorId, scope: 'subscriptions' });
  await page.goto('/');
  const goesOn = page
    .getByRole('region', { name: 'In progress' })
    .getByRole('listitem')
    .filter({ hasText: name });
  await expect(goesOn.getByRole('progressbar')).toBeVisible();
  await audit('home, a run in progress');
  await goesOn.getByRole('link').click();
  await expect(page).toHaveURL(new RegExp(`/sync-runs/account/${run.id}$`));
  await admin.post('/v1/sync-runs/{id}/cancel', { path: { id: run.id } });
  await quickAgain();

  await admin.post('/v1/connectors/{id}/pause', {
    path: { id: connectorId },
    body: { reason: 'Contract ended' },
  });
  await page.goto('/');
  await expect(needs(page).getByRole('link', { name: '1 connector is paused' })).toBeVisible();
  const fresh = page
    .getByRole('region', { name: 'Freshness' })
    .getByRole('listitem')
    .filter({ hasText: name });
  await expect(fresh).toContainText('Paused');
  await audit('home, a paused connector');
  await admin.post('/v1/connectors/{id}/resume', { path: { id: connectorId } });
  await expect(needs(page).getByRole('link', { name: '1 connector is paused' })).toBeHidden();
});

test('without a connector there is one thing to do; then the way to the first contract', async ({
  page,
  stack,
  audit,
}) => {
  const isthmus = fabrikam(stack);
  for (const { id } of (await isthmus.get('/v1/connectors')).data)
    await isthmus.delete('/v1/connectors/{id}', { path: { id }, query: { confirm: true } });
  await page.context().clearCookies();
  await page.goto('/auth/login?back=/');
  await page.getByRole('button', { name: 'Fabrikam CSP: admin' }).click();
  await expect(page.getByText('Connect Ingram Micro', { exact: true })).toBeVisible();
  await expect(page.getByRole('main').getByRole('link')).toHaveCount(1);
  await expect(needs(page)).toBeHidden();
  await audit('home without a connector');
  await page.getByRole('link', { name: 'Connect Ingram' }).click();
  await expect(page.getByRole('dialog', { name: 'Create Ingram Connector' })).toBeVisible();

  const { username, password, subscriptionKey, accountId, country, currency } = await marketplaceOf(stack, 1);
  const access = { username, password, subscriptionKey, accountId, country, currency };
  const { id } = await isthmus.post('/v1/connectors', {
    body: { name: 'IngramMicro of Fabrikam', apiUrl: addressOfItsOwn(stack), ...access },
  });
  await page.goto('/');
  const way = page.getByRole('region', { name: 'Until the first bill' });
  await expect(way).toContainText('1 of 5 steps done');
  await expect(way.getByRole('listitem').first()).toContainText('Done');
  await expect(page.getByRole('region', { name: 'Freshness' })).toContainText('Never read');
  await expect(needs(page)).toContainText('Finish the setup above first');
  await audit('home, the way to the first contract');

  await isthmus.post('/v1/connectors/{id}/verify', { path: { id }, body: {} as never });
  await expect(way).toContainText('2 of 5 steps done', { timeout: 90_000 });
  await expect(way.getByRole('link')).toHaveText('Sync the provider accounts');
  await isthmus.delete('/v1/connectors/{id}', { path: { id }, query: { confirm: true } });
  await until('the end of the connector', async () =>
    (await isthmus.get('/v1/connectors')).data.length === 0 ? true : undefined,
  );
});

test('a service that is down takes only its part of Home; a gateway that is down says so', async ({
  page,
  stack,
  audit,
}) => {
  await connected(stack);
  const whole = (await (await page.request.get('/v1/overview')).json()) as object;
  const without = { ...whole, renewals: null, accounts: null, unavailable: ['account-sync'] };
  await page.route('**/v1/overview', (route) => route.fulfill({ json: without }));
  await page.goto('/');
  await expect(page.getByText('Does not respond: account-sync.', { exact: false })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Renewals' })).toBeHidden();
  await expect(page.getByText('Nothing waits for anybody')).toBeHidden();
  await audit('home with a part missing');
  await page.unrouteAll({ behavior: 'wait' });
  await page.route('**/v1/overview', (route) => route.abort());
  await page.reload();
  await expect(page.getByRole('alert').getByText('The platform cannot be reached')).toBeVisible();
  await audit('home that cannot be read');
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(needs(page)).toBeVisible();
});

test('by keyboard alone: from Home to the accounts that are not linked', async ({ page, stack }) => {
  await connected(stack);
  await page.goto('/');
  const link = needs(page).getByRole('link', { name: /not linked$/ });
  await expect(link).toBeVisible();
  for (
    let count = 0;
    count < 60 && !(await link.evaluate((one) => one === document.activeElement));
    count += 1
  )
    await page.keyboard.press('Tab');
  await expect(link).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Accounts' })).toBeFocused();
});

test('Home in German on a small screen, as a viewer', async ({ page, stack, signInAs, audit }) => {
  await connected(stack);
  await signInAs('viewer');
  await page.setViewportSize({ width: 320, height: 700 });
  await page.addInitScript(() => localStorage.setItem('isthmus.preferences', '{"language":"de"}'));
  await page.goto('/');
  await expect(page.getByRole('heading', { level: 1, name: 'Start' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Was auf Sie wartet' })).toBeVisible();
  const sideways = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(sideways).toBe(0);
  await audit('home in German');
});
