import { expect, test } from '../support/console.ts';
import { as, bought, licensed, rested } from '../support/licensed.ts';

test('seats: options and lots are shown, an increase is ordered, a decrease that is too large offers what can be done', async ({
  page,
  stack,
  audit,
}) => {
  const { account } = await licensed(stack);
  const { id, name } = await bought(stack, account);
  await page.goto(`/subscriptions?q=${encodeURIComponent(name)}&account=${account.id}`);
  await audit('subscriptions');
  await page.goto(`/subscriptions/${id}`);
  await expect(page.getByRole('heading', { level: 1, name: new RegExp(account.name) })).toBeVisible();
  const options = page.getByRole('list', { name: 'What can be done' });
  await expect(options.getByText('Add seats')).toBeVisible();
  await expect(options.getByRole('listitem').filter({ hasText: 'Upgrade to another product' })).toContainText(
    'not possible',
  );
  await expect(page.getByRole('region', { name: 'Seats by age' }).getByRole('row')).toHaveCount(2);
  await audit('a subscription');

  await page.getByRole('button', { name: 'Change seats …' }).click();
  const drawer = page.getByRole('dialog', { name: /^Change seats of/ });
  await drawer.getByLabel('New total of seats').fill('8');
  await drawer.getByRole('button', { name: 'Show price and effects' }).click();
  const line = drawer.getByRole('region', { name: 'Line' }).getByRole('row').nth(1);
  await expect(line).toContainText('58');
  await audit('seats, a quote');
  await drawer.getByRole('button', { name: /^Order/ }).click();
  await expect(page.getByRole('heading', { level: 1, name: /^Seats (5 )?→ 8 · / })).toBeVisible();
  await expect(page.getByRole('status').getByText('Settled', { exact: true })).toBeVisible({
    timeout: 90_000,
  });

  await page.getByRole('link', { name: 'Show the subscription' }).click();
  await page.getByRole('button', { name: 'Turn auto-renew off …' }).click();
  const renew = page.getByRole('dialog', { name: /^Turn auto-renew off for/ });
  await renew.getByRole('button', { name: 'Show price and effects' }).click();
  await expect(renew.getByRole('region', { name: 'Preview' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(renew).toBeHidden();

  await page.getByRole('button', { name: 'Edit …' }).click();
  const edit = page.getByRole('dialog', { name: /^Edit / });
  await edit.getByLabel('Friendly name').fill('Office of the board');
  await edit.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: /^Office of the board/ })).toBeVisible();
  await expect(page.getByRole('region', { name: 'History' })).toContainText('Friendly name');
});

test('a change is scheduled for the renewal, and ended again', async ({ page, stack, audit }) => {
  const { account } = await licensed(stack);
  const { id } = await bought(stack, account);
  await page.goto(`/subscriptions/${id}?drawer=schedule`);
  const drawer = page.getByRole('dialog', { name: /^Schedule a change/ });
  await drawer.getByLabel('When').selectOption('time');
  await drawer.getByRole('button', { name: 'Schedule', exact: true }).click();
  await expect(drawer.getByText('Fill this in')).toBeVisible();
  await audit('schedule, a field with an error');
  await drawer.getByLabel('New total of seats').fill('3');
  const inMay = `${new Date().getFullYear() + 1}-05-01T08:00`;
  await drawer.getByLabel('Time').fill(inMay);
  await drawer.getByRole('button', { name: 'Schedule', exact: true }).click();
  await expect(drawer).toBeHidden();
  const changes = page.getByRole('region', { name: 'Scheduled changes' });
  await expect(changes.getByRole('row', { name: /Seats → 3/ })).toContainText('Planned');
  await changes.getByRole('button', { name: /^Actions for/ }).click();
  await audit('menu of a scheduled change');
  await page.getByRole('menuitem', { name: /^End …/ }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'End it' }).click();
  await expect(changes.getByRole('row', { name: /Seats → 3/ })).toContainText('Ended');
});

test('cancel: the refund is said, the dialog can be left as it is, and what has ended offers nothing any more', async ({
  page,
  stack,
  audit,
}) => {
  const { account } = await licensed(stack);
  const { id } = await bought(stack, account);
  await page.goto(`/subscriptions/${id}?drawer=cancel`);
  const drawer = page.getByRole('dialog', { name: /^Cancel / });
  await drawer.getByRole('button', { name: 'Show price and effects' }).click();
  await expect(drawer.getByText('Customer gets back now')).toBeVisible();
  await expect(drawer.getByRole('button', { name: 'Keep it' })).toBeVisible();
  await expect(drawer.getByText(/\d{4}-\d\d-\d\dT/)).toBeHidden();
  await audit('a cancellation, quoted');
  await drawer.getByRole('button', { name: /^Cancel the subscription – refund USD/ }).click();
  await expect(
    page.getByRole('heading', { level: 1, name: /^Cancel the subscription · Microsoft/ }),
  ).toBeVisible();
  await expect(page.getByRole('status').getByText('Settled', { exact: true })).toBeVisible({
    timeout: 90_000,
  });
  await page.getByRole('link', { name: 'Show the subscription' }).click();
  await expect(page.getByText('Terminated', { exact: true })).toBeVisible({ timeout: 10_000 });
  await expect(page.getByText('Ended on')).toBeVisible();
  await expect(page.getByText(/^\d+ until it ended$/)).toBeVisible();
  await expect(page.getByText('can often be scheduled for the renewal')).toBeHidden();
  await expect(page.getByText('Auto-renew', { exact: true })).toBeHidden();
  await expect(page.getByText('can still be returned')).toBeHidden();
  await expect(page.getByText('An order for it has not ended yet')).toBeHidden();
  await expect(page.getByRole('button', { name: 'Change seats …' })).toHaveAttribute('aria-disabled', 'true');
  await audit('a subscription that has ended');
});

test('an address of an order that does not exist says so, with a way back', async ({ page, audit }) => {
  for (const id of ['doesnotexist', crypto.randomUUID()]) {
    await page.goto(`/orders/${id}`);
    await expect(page.getByText('This order does not exist')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Try again' })).toBeHidden();
  }
  await audit('no such order');
  await page.getByRole('link', { name: 'All orders' }).click();
  await expect(page).toHaveURL(/\/orders$|\/orders\?/);
});

test('an order that needs attention is decided with a reason', async ({ page, stack, audit, fault }) => {
  const { account } = await licensed(stack);
  const { id: subscriptionId } = await bought(stack, account);
  const operator = as(stack, 'operator');
  const takeBack = await fault({
    ...{ kind: 'other-total', amount: '99999.00', times: null },
    match: { method: 'GET', path: '^/orders/[0-9]+$' },
  });
  const placed = await operator.orders.place({ kind: 'change-quantity', subscriptionId, seats: 9 });
  const order = await rested(operator, placed.id);
  await takeBack();
  expect(order.status).toBe('needs-attention');

  await page.goto('/orders?tab=attention');
  await page
    .getByRole('region', { name: 'Orders' })
    .getByRole('row', { name: new RegExp(order.marker) })
    .getByRole('link')
    .first()
    .click();
  await expect(page.getByText(/99999|99,999/).first()).toBeVisible();
  await page.getByRole('button', { name: 'Decide …' }).click();
  const drawer = page.getByRole('dialog', { name: 'Decide about this order' });
  await drawer.getByRole('button', { name: 'Decide', exact: true }).click();
  await expect(drawer.getByText('Choose what you found')).toBeVisible();
  await audit('decide, fields with errors');
  await drawer.getByRole('radio', { name: /It is there, under another number/ }).click();
  await expect(drawer.getByLabel('Order id at Ingram Micro')).toBeVisible();
  await drawer.getByRole('radio', { name: /It is done, and its effect is right/ }).click();
  await drawer.getByLabel('Reason').fill('Charged by hand, agreed with Ingram');
  await drawer.getByRole('button', { name: 'Decide', exact: true }).click();
  await expect(page.getByRole('status').getByText('Settled', { exact: true })).toBeVisible();
  await expect(page.getByText(/Charged by hand, agreed with Ingram/).first()).toBeVisible();
});

test('an order that needs approval: not by whoever asked for it, but by a second person', async ({
  page,
  stack,
  signInAs,
  audit,
}) => {
  const { account, connector } = await licensed(stack);
  const { id: subscriptionId } = await bought(stack, account);
  const admin = as(stack, 'admin');
  const { version } = await admin.get('/v1/connectors/{id}', { path: { id: connector.id } });
  await admin.patch('/v1/connectors/{id}', {
    ...{ path: { id: connector.id }, version },
    body: { orderGuard: { quoteFrom: { seats: 100 }, approvalFrom: { seats: 100 } } },
  });
  const operator = as(stack, 'operator');
  const order = { kind: 'change-quantity', subscriptionId, seats: 300 } as const;
  const { id: quoteId } = await operator.post('/v1/quotes', { body: order });
  const { id } = await operator.orders.place({ ...order, quoteId });

  await signInAs('operator');
  await page.goto(`/orders/${id}`);
  const approve = page.getByRole('button', { name: 'Approve …' });
  await expect(approve).toHaveAttribute('aria-disabled', 'true');
  await signInAs('admin');
  await page.reload();
  await expect(approve).not.toHaveAttribute('aria-disabled', 'true');
  await audit('an order that needs approval');
  await page.getByRole('button', { name: 'Decline …' }).click();
  const decline = page.getByRole('dialog', { name: 'Decline this order' });
  await decline.getByRole('button', { name: 'Decline …' }).click();
  await expect(decline.getByText('Fill this in')).toBeVisible();
  await page.keyboard.press('Escape');
  await approve.click();
  const ask = page.getByRole('alertdialog', { name: 'Approve this order?' });
  await expect(ask).toContainText('→ 300');
  await ask.getByRole('button', { name: 'Approve …' }).click();
  await expect(page.getByText('Approved: it goes on').last()).toBeVisible();
  await expect(page.getByText(/^by admin/).first()).toBeVisible();
});

test('renewals: what it costs when nobody does anything, and auto-renew off for many after a dry run', async ({
  page,
  stack,
  audit,
}) => {
  await licensed(stack);
  await page.goto('/renewals?tab=90&renew=on');
  await expect(page.getByText(/it costs [A-Z]{3}|rows shown cost/)).toBeVisible();
  const rows = page.getByRole('region', { name: 'Renewals' }).getByRole('row');
  await audit('renewals');
  await rows.nth(1).getByRole('checkbox').click();
  await page.getByRole('button', { name: 'Turn auto-renew off for many …' }).click();
  const bulk = page.getByRole('dialog', { name: 'Turn auto-renew off for many …' });
  await bulk.getByRole('button', { name: 'Show what would happen' }).click();
  await expect(bulk.getByText('Nothing was changed yet')).toBeVisible({ timeout: 60_000 });
  await audit('renewals, dry run');
  await bulk.getByRole('button', { name: 'Close', exact: true }).click();
  await expect(bulk).toBeHidden();
  await page.getByRole('button', { name: 'Windows that close' }).click();
  await expect(page).toHaveURL(/tab=windows/);
  await audit('windows that close');
});

for (const [path, heading] of [
  ['/orders', 'Bestellungen'],
  ['/subscriptions', 'Abonnements'],
  ['/renewals', 'Verlängerungen'],
  ['/buy', 'Kaufen'],
] as const)
  test(`${path} in German on a small screen, as a viewer`, async ({ page, stack, signInAs, audit }) => {
    await licensed(stack);
    await signInAs('viewer');
    await page.setViewportSize({ width: 320, height: 700 });
    await page.addInitScript(() => localStorage.setItem('isthmus.preferences', '{"language":"de"}'));
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
    if (path === '/buy') await expect(page.getByText(/^Sie können hier nicht kaufen\./)).toBeVisible();
    const sideways = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(sideways).toBe(0);
    await audit(`${path} in German`);
  });
