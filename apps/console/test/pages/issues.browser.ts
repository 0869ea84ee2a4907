import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { expect, test } from '../support/console.ts';
import { as } from '../support/licensed.ts';
import type { Stack } from '../support/stack.ts';

interface Parked {
  service: string;
  subject: string;
  reason?: string;
  detail: string;
}

/** Puts a message where a service puts what it could not handle. */
async function park(stack: Stack, { service, subject, reason = 'handler.failed', detail }: Parked) {
  const [tenant] = Object.keys(stack.tokens);
  const { postgres } = JSON.parse(
    readFileSync(join(process.env['ISTHMUS_LOCAL_DIR']!, 'stack.json'), 'utf8'),
  ) as { postgres: Record<string, string> };
  const client = new Client({ connectionString: postgres[service] });
  await client.connect();
  const id = crypto.randomUUID();
  const headers = {
    'ce-specversion': '1.0',
    'ce-id': id,
    'ce-source': '/isthmus/account-sync',
    'ce-type': 'account-sync.provider-account-linked.v1',
    'ce-time': new Date().toISOString(),
    'ce-subject': subject,
    'ce-tenantid': tenant,
    'ce-correlationid': id,
    'ce-aggregateversion': '1',
  };
  const data = { providerAccountId: crypto.randomUUID(), tenantAccountId: 'T-1', by: 'somebody' };
  await client.query(
    `insert into parked_messages (id, direction, subject, message_id, headers, payload, reason, detail, tries)
     values ($1, 'in', $2, $3, $4, $5, $6, $7, 5)`,
    [
      id,
      `account-sync.${tenant}.provider-account-linked.v1`,
      id,
      JSON.stringify(headers),
      Buffer.from(JSON.stringify(data)),
      reason,
      detail,
    ],
  );
  await client.end();
  return id;
}

test.beforeEach(async ({ stack }) => {
  const admin = as(stack, 'admin');
  const { data } = await admin.get('/v1/parked-messages', {});
  for (const { id } of data)
    await admin.post('/v1/parked-messages/{id}/drop', { path: { id }, body: { reason: 'before a test' } });
});

test('a parked message is retried, or dropped with a reason; many after a dry run; by keyboard', async ({
  page,
  stack,
  audit,
}) => {
  await page.goto('/issues');
  await expect(page.getByText('Nothing waits for anybody').first()).toBeVisible();
  await audit('no issue');

  const [good, bad] = [`retried-${Date.now()}`, `dropped-${Date.now()}`];
  const id = await park(stack, { service: 'webhooks', subject: good, detail: 'It was not its day.' });
  const wrong = { reason: 'contract.violated', detail: 'providerAccountId must be a UUID' };
  await park(stack, { service: 'product-catalog', subject: bad, ...wrong });
  await page.reload();
  const list = page.getByRole('region', { name: 'Issues' });
  await expect(list.getByRole('row', { name: new RegExp(bad) })).toContainText('must be a UUID');
  await expect(list.getByRole('row', { name: new RegExp(good) })).toContainText('webhooks');
  await audit('issues');

  await page.getByRole('button', { name: 'Retry many …' }).focus();
  await page.keyboard.press('Enter');
  const many = page.getByRole('dialog', { name: 'Retry parked messages' });
  await many.getByRole('radio', { name: 'All that are shown (2)' }).focus();
  await page.keyboard.press('Space');
  await many.getByRole('button', { name: 'Show what would happen' }).focus();
  await page.keyboard.press('Enter');
  await expect(many.getByText('a retry cannot succeed', { exact: false })).toBeVisible();
  await audit('retry many, dry run');
  await many.getByRole('button', { name: /^Retry/ }).focus();
  await page.keyboard.press('Enter');
  await expect(list.getByRole('row', { name: new RegExp(good) })).toBeHidden();
  await many.getByRole('button', { name: 'Close' }).last().click();
  await expect(many).toBeHidden();
  // It has taken effect: webhooks has the event.
  expect(await as(stack, 'viewer').get('/v1/events/{id}', { path: { id } })).toMatchObject({ subject: good });

  await list.getByRole('button', { name: new RegExp(`^Actions for .*${bad}`) }).click();
  await audit('menu of an issue');
  await page.getByRole('menuitem', { name: 'Drop …' }).click();
  const drop = page.getByRole('dialog', { name: 'Drop this message' });
  await drop.getByRole('button', { name: 'Drop it' }).click();
  await expect(drop.getByText('Fill this in')).toBeVisible();
  await audit('drop, a field with an error');
  await drop.getByLabel('Reason').fill('Its producer has sent the right one since.');
  await drop.getByRole('button', { name: 'Drop it' }).click();
  await expect(drop).toBeHidden();
  await expect(page.getByText('Nothing waits for anybody').first()).toBeVisible();
});

test('a retry that fails says why, and the message stays', async ({ page, stack }) => {
  const subject = `fails-${Date.now()}`;
  // Nobody there handles such events.
  await park(stack, { service: 'connector-config', subject, detail: 'It was not its day.' });
  await page.goto('/issues?service=connector-config');
  const list = page.getByRole('region', { name: 'Issues' });
  await list.getByRole('button', { name: new RegExp(`^Actions for .*${subject}`) }).click();
  await page.getByRole('menuitem', { name: 'Retry', exact: true }).click();
  await expect(page.getByRole('alert')).toContainText('could not be handled this time either');
  await expect(list.getByRole('row', { name: new RegExp(subject) })).toBeVisible();
});

test('in German on a small screen, as a viewer: what the role does not allow is disabled', async ({
  page,
  signInAs,
  stack,
  audit,
}) => {
  await park(stack, { service: 'webhooks', subject: `seen-${Date.now()}`, detail: 'Nein.' });
  await signInAs('viewer');
  await page.setViewportSize({ width: 320, height: 700 });
  await page.addInitScript(() => localStorage.setItem('isthmus.preferences', '{"language":"de"}'));
  await page.goto('/issues');
  await expect(page.getByRole('heading', { level: 1, name: 'Störungen' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Viele wiederholen …' })).toHaveAttribute(
    'aria-disabled',
    'true',
  );
  const sideways = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(sideways).toBe(0);
  await audit('issues in German');
});
