import { expect, test, type Fault } from '../support/console.ts';
import { as, until } from '../support/licensed.ts';
import { addressOfItsOwn, marketplaceOf } from '../support/platform.ts';
import type { Stack } from '../support/stack.ts';

const made: string[] = [];
test.afterEach(async ({ stack }) => {
  for (const id of made.splice(0))
    await as(stack, 'admin').delete('/v1/connectors/{id}', { path: { id }, query: { confirm: true } });
});

/** A subscription that is listed and charged, but whose details cannot be read until `mend`; on a connector of its own. */
async function unread(stack: Stack, fault: Fault) {
  const isthmus = as(stack, 'admin');
  const { username, password, subscriptionKey, accountId, country, currency } = await marketplaceOf(stack);
  const { id: connectorId } = await isthmus.post('/v1/connectors', {
    body: {
      ...{ username, password, subscriptionKey, accountId, country, currency },
      ...{ name: `Unread ${Date.now()}`, apiUrl: addressOfItsOwn(stack), callLimit: { perMinute: 6_000 } },
      schedule: { tickMinutes: 0, sweepMinutes: 0, accountsMinutes: 0 },
    },
  });
  made.push(connectorId);
  for (const scope of ['accounts', 'reports'] as const)
    await isthmus.syncRuns.succeeded(
      (await isthmus.syncRuns.start({ connectorId, scope, depth: 'full' })).id,
    );
  const { data: lines } = await isthmus.get('/v1/rated-lines', { query: { connectorId, limit: 200 } });
  const charge = lines.find(
    ({ kind, chargeType, quantity, cmpSubscriptionId: id, providerAccountId: of }) =>
      kind === 'licence' && /^recurring/i.test(chargeType) && id && of && Number.isInteger(Number(quantity)),
  );
  const [cmpSubscriptionId, providerAccountId] = [charge!.cmpSubscriptionId!, charge!.providerAccountId!];
  const account = await isthmus.get('/v1/provider-accounts/{id}', { path: { id: providerAccountId } });
  const mend = await fault({
    ...{ kind: 'error', message: 'out of order', times: null },
    match: { method: 'GET', path: `^/subscriptions/${cmpSubscriptionId}$` },
  });
  await isthmus.syncRuns.start({ connectorId, scope: 'subscriptions', providerAccountId });
  const subscription = await until('a subscription that was not read', async () => {
    const { data } = await isthmus.get('/v1/provider-subscriptions', {
      query: { connectorId, unread: true, limit: 200 },
    });
    return data.find((one) => one.cmpSubscriptionId === cmpSubscriptionId);
  });
  return { isthmus, connectorId, account, subscription, mend };
}

test('seats of a subscription that was not read are marked as provisional, and nothing is ordered by them', async ({
  page,
  stack,
  audit,
  fault,
}) => {
  const { connectorId, account, subscription, mend, isthmus } = await unread(stack, fault);
  const { id, name, seats } = subscription;
  expect(seats).toMatchObject({ certainty: 'provisional' });
  const marked = `${seats!.quantity} Provisional`;

  for (const path of ['/subscriptions', '/renewals', '/contracts']) {
    await page.goto(`${path}?connector=${connectorId}`);
    await expect(page.getByText('Some subscriptions have not been read yet.')).toBeVisible();
  }
  await page.goto(`/accounts?connector=${connectorId}&q=${account.cmpAccountId}`);
  await expect(page.getByRole('row', { name: account.name })).toContainText('not read');
  await page.goto(`/accounts/${account.id}`);
  const ofAccount = page.getByRole('region', { name: 'Subscriptions that have not been read yet' });
  await expect(ofAccount.getByRole('row', { name })).toContainText(marked);
  await audit('an account with a subscription that was not read');

  await page.goto(`/subscriptions?connector=${connectorId}`);
  await page.getByRole('link', { name: 'Show them' }).click();
  await expect(page).toHaveURL(/tab=unread/);
  const row = page
    .getByRole('region', { name: 'Subscriptions that have not been read yet' })
    .getByRole('row', { name: subscription.cmpSubscriptionId });
  await expect(row).toContainText(marked);
  await expect(row).toContainText('as charged from');
  await expect(page.getByText(/nothing can be ordered for them/)).toBeVisible();
  await audit('subscriptions that were not read');

  await row.getByRole('link', { name }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await expect(page.getByText(marked)).toBeVisible();
  const change = page.getByRole('button', { name: 'Change seats …' });
  await expect(page.getByText('could not be brought up to date')).toBeHidden();
  await expect(change).toHaveAttribute('aria-disabled', 'true');
  await change.focus();
  await expect(page.getByRole('tooltip')).toContainText('Its seats are not confirmed');
  await audit('a subscription that was not read');

  await mend();
  await page.getByRole('button', { name: 'Read now' }).click();
  await expect(page.getByText('It is being read again').last()).toBeVisible();
  await until('the seats that were read', async () => {
    const one = await isthmus.get('/v1/provider-subscriptions/{id}', { path: { id } });
    return one.seats?.certainty === 'confirmed' ? one : undefined;
  });
  // The page finds out by itself.
  await expect(page.getByRole('heading', { name: 'Seats by age' })).toBeVisible();
  await expect(page.getByText('Provisional')).toBeHidden();
});

test('that there is no such subscription stays on the page while it is asked for again', async ({
  page,
  audit,
}) => {
  await page.clock.install();
  await page.goto(`/subscriptions/${crypto.randomUUID()}`);
  const said = page.getByText('This subscription does not exist');
  await expect(said).toBeVisible();
  await expect(page.getByRole('button', { name: 'Try again' })).toBeHidden();
  await audit('no such subscription');
  const back = page.getByRole('link', { name: 'All subscriptions' });
  await back.focus();
  for (const path of ['/v1/provider-subscriptions/', '/v1/subscriptions/']) {
    const asked = page.waitForResponse((response) => response.url().includes(path));
    await page.clock.runFor(31_000);
    await (await asked).finished();
  }
  await expect(back).toBeFocused();
  await expect(said).toBeVisible();
});
