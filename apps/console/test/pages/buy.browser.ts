import { expect, picture, test } from '../support/console.ts';
import { as, licensed, premium } from '../support/licensed.ts';

test('buy: customer, product, price and effects, order, and the order is followed until it is proved', async ({
  page,
  stack,
  audit,
}) => {
  const { account } = await licensed(stack);
  await page.goto(`/orders?connector=${account.connectorId}`);
  await page.getByRole('link', { name: 'Buy …' }).click();
  await expect(page.getByRole('button', { name: 'Seats and price …' })).toHaveAttribute(
    'aria-disabled',
    'true',
  );
  await page.getByRole('searchbox', { name: 'Search customers' }).fill(account.name);
  await page
    .getByRole('region', { name: 'Customers' })
    .getByRole('button', { name: account.name, exact: true })
    .click();
  await expect(page).toHaveURL(new RegExp(`account=${account.id}`));
  await page.getByRole('searchbox', { name: 'Search products' }).fill('Microsoft 365 Business Premium');
  const product = page
    .getByRole('region', { name: 'Products' })
    .getByRole('row', { name: /NCE.*1 year.*per month/ })
    .first();
  await product.getByRole('button').first().click();
  await expect(page.getByText('Is the product')).toBeVisible();
  // Several rows have its part number: the one that was chosen is marked, and no other.
  const marked = page.getByRole('region', { name: 'Products' }).locator('tr[aria-current]');
  await expect(marked).toHaveCount(1);
  await expect(marked).toHaveAccessibleName(/1 year.*per month/);
  await audit('buy');

  await page.getByRole('button', { name: 'Seats and price …' }).click();
  const drawer = page.getByRole('dialog', { name: /^Buy .* for / });
  await drawer.getByLabel('Seats').fill('0');
  await drawer.getByRole('button', { name: 'Show price and effects' }).click();
  await expect(drawer.getByText('A whole number from 1')).toBeVisible();
  await audit('buy, a field with an error');
  await drawer.getByLabel('Seats').fill('5');
  await drawer.getByRole('button', { name: 'Show price and effects' }).click();
  const quote = drawer.getByRole('region', { name: 'Preview' });
  await expect(quote.getByText(/^Price from Ingram Micro\./)).toBeVisible();
  await expect(quote.getByText('Customer pays now')).toBeVisible();
  await expect(quote.getByText(/^12 × USD/)).toBeVisible();
  await expect(drawer.getByText('Nothing is ordered yet.')).toBeVisible();
  await audit('a quote');

  // Another number is another order: what was quoted cannot be ordered any more.
  await drawer.getByLabel('Seats').fill('6');
  await expect(drawer.getByRole('button', { name: /^Order for/ })).toBeHidden();
  await expect(drawer.getByText('The form has changed since. Refresh the price.')).toBeVisible();
  await drawer.getByRole('button', { name: 'Refresh price' }).click();
  await drawer.getByRole('button', { name: /^Order for USD/ }).click();

  await expect(page).toHaveURL(/\/orders\/[0-9a-f-]{36}/);
  await expect(page.getByRole('heading', { level: 1, name: /^Buy 6 seats · / })).toBeVisible();
  await expect(page.getByRole('status').getByText('Settled', { exact: true })).toBeVisible({
    timeout: 90_000,
  });
  const life = page.getByRole('list', { name: 'What happened' });
  await expect(life.getByText('Planned', { exact: true })).toBeVisible();
  await expect(life.getByText(/POST .*orders/).first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Withdraw …' })).toHaveAttribute('aria-disabled', 'true');
  await audit('an order');
  await picture(page, 'order');
  // The subscription that it made is known a moment later, and has its purchase among its orders.
  await page.getByRole('link', { name: 'Show the subscription' }).click({ timeout: 60_000 });
  await expect(
    page.getByRole('region', { name: 'Orders' }).getByRole('row', { name: /Buy 6 seats/ }),
  ).toContainText('Settled');
  await expect(page.getByText('An order for it has not ended yet')).toBeHidden();
  await page.goBack();

  await page.getByRole('link', { name: 'All orders' }).click();
  await expect(
    page
      .getByRole('region', { name: 'Orders' })
      .getByRole('row', { name: /Buy 6 seats/ })
      .first(),
  ).toContainText('Settled');
  await audit('orders');
  await page.getByLabel('Placed by', { exact: true }).selectOption('schedule');
  await expect(page).toHaveURL(/source=schedule/);
  await expect(page.getByText('No order fits this view')).toBeVisible();
  await audit('no order in this view');
});

test('what was typed while buying stays when parameters or prices do not come at first', async ({
  page,
  stack,
  audit,
}) => {
  const { account } = await licensed(stack);
  const { partNumber, billingPeriod, term } = await premium(stack, account);
  const down = {
    status: 503,
    contentType: 'application/problem+json',
    body: JSON.stringify({
      type: 'urn:isthmus:problem:service-unavailable',
      title: 'A service is not available at the moment',
      detail: 'The service subscription-lifecycle cannot be reached.',
      status: 503,
      correlationId: 'c0ffee',
    }),
  };
  const search = {
    account: account.id,
    part: partNumber!,
    period: billingPeriod!,
    term: term!,
    drawer: 'quote',
  };
  await page.route('**/v1/purchase-parameters?**', (route) => route.fulfill(down));
  await page.goto(`/buy?${new URLSearchParams(search)}`);
  const drawer = page.getByRole('dialog', { name: /^Buy .* for / });
  const fault = drawer.getByRole('alert').filter({ hasText: 'cannot be reached' });
  const domain = drawer.getByLabel('Microsoft domain');
  await expect(fault).toBeVisible();
  await expect(domain).toBeHidden();
  await audit('buy without parameters');
  await drawer.getByLabel('Seats').fill('7');
  await drawer.getByLabel('Other parameters for the vendor').fill('special_qualifications=EDU');
  await page.unrouteAll({ behavior: 'wait' });
  await drawer.getByRole('button', { name: 'Try again' }).click();
  await expect(domain).toBeVisible();
  await expect(fault).toBeHidden();
  await expect(drawer.getByLabel('Seats')).toHaveValue('7');
  await expect(drawer.getByLabel('Other parameters for the vendor')).toHaveValue(
    'special_qualifications=EDU',
  );

  await page.route('**/v1/quotes', (route) => route.fulfill(down));
  await drawer.getByRole('button', { name: 'Show price and effects' }).click();
  await expect(fault).toBeVisible();
  await expect(drawer.getByLabel('Seats')).toHaveValue('7');
  await page.unrouteAll({ behavior: 'wait' });
  await drawer.getByRole('button', { name: 'Show price and effects' }).click();
  await expect(drawer.getByRole('region', { name: 'Preview' })).toBeVisible();
  await expect(drawer.getByLabel('Seats')).toHaveValue('7');
});

test('buy for a customer without a domain: it is asked for in words, and no field is sent as it was', async ({
  page,
  stack,
  audit,
}) => {
  const { account } = await licensed(stack);
  const { partNumber, billingPeriod, term } = await premium(stack, account);
  const isthmus = as(stack, 'admin');
  const before = await isthmus.get('/v1/purchase-parameters', {
    query: {
      providerAccountId: account.id,
      partNumber: partNumber!,
      billingPeriod: billingPeriod!,
      term: term!,
    },
  });
  // As the platform says it of a customer whose domain is not known.
  const parameters = before.parameters.map((one) =>
    one.name === 'microsoft_domain'
      ? {
          ...one,
          ...{ value: null, source: null, sourceDetail: null, otherValues: [], required: true },
          problem: { detail: 'The account has no domain.', nextStep: 'PATCH /v1/provider-accounts' },
        }
      : one,
  );
  await page.route('**/v1/purchase-parameters?**', (route) =>
    route.fulfill({ json: { ...before, parameters } }),
  );
  const search = {
    account: account.id,
    part: partNumber!,
    period: billingPeriod!,
    term: term!,
    drawer: 'quote',
  };
  await page.goto(`/buy?${new URLSearchParams(search)}`);
  const drawer = page.getByRole('dialog', { name: /^Buy .* for / });
  const domain = drawer.getByLabel('Microsoft domain');
  await expect(drawer.getByText(/Microsoft domain: Enter the customer's Microsoft domain/)).toBeVisible();
  await expect(drawer.getByRole('link', { name: 'Open the account' })).toBeVisible();
  await expect(drawer.getByText(/PATCH|microsoft_/)).toBeHidden();
  await drawer.getByRole('button', { name: 'Show price and effects' }).click();
  await expect(domain).toHaveAttribute('aria-invalid', 'true');
  await audit('buy without a domain');
  await domain.fill('fabrikam.com');
  await expect(drawer.getByText(/Microsoft domain: Enter/)).toBeHidden();
  await drawer.getByRole('button', { name: 'Show price and effects' }).click();
  await expect(drawer.getByText(/“fabrikam.com” is not the customer's Microsoft domain/)).toBeVisible();
  await expect(drawer.getByText('Check the fields above.')).toBeVisible();
  await expect(drawer.getByText(/microsoft_/)).toBeHidden();
});
