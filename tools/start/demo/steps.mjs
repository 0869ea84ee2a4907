import { setTimeout as sleep } from 'node:timers/promises';
import { countsInWords, syncAndFollow } from './sync-runs.mjs';

const connectorName = 'IngramMicro US';
const assignedWithinMs = 180_000;
/** CMP allows about 60 a minute; with those, the first sync of 700 subscriptions would delay the orders after it. */
const callsPerMinute = 6_000;

/** Administration > Admin Hub > Integrations > Ingram Connector > Create: the eight fields. */
export async function createConnector({ isthmus, stack, say }) {
  say(`1. Create the connector "${connectorName}"`);
  await allowCalls(stack);
  say(
    `   The simulated CMP allows ${callsPerMinute} calls a minute, so that nobody has to wait; CMP itself allows about 60.`,
  );
  const { data } = await isthmus.get('/v1/connectors', { query: { limit: 200 } });
  const known = data.find(({ name }) => name === connectorName);
  if (known && known.apiUrl === stack.simulator.apiUrl) {
    say('   It still exists from an earlier start.\n');
    if (known.callLimit.perMinute === callsPerMinute) return known;
    return isthmus.patch('/v1/connectors/{id}', {
      path: { id: known.id },
      version: known.version,
      body: { callLimit: { perMinute: callsPerMinute } },
    });
  }
  const accounts = await (await fetch(`${stack.simulator.control}/accounts`)).json();
  const { username, password, subscriptionKey, accountId, country, currency } = accounts[0];
  const settings = { username, password, subscriptionKey, accountId, country, currency };
  const callLimit = { perMinute: callsPerMinute };
  const body = { name: connectorName, apiUrl: stack.simulator.apiUrl, ...settings, callLimit };
  const connector = await isthmus.post('/v1/connectors', {
    body: known ? { ...body, name: nextName(data) } : body,
  });
  say(
    `   ${connector.apiUrl}, account ${accountId}, ${country}, ${currency}. Its secrets are sealed; no response contains them.\n`,
  );
  return connector;
}

async function allowCalls({ simulator }) {
  const answer = await fetch(`${simulator.control}/limits`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ perMinute: callsPerMinute }),
  });
  if (!answer.ok) throw new Error(`The simulator did not accept its call limit: ${answer.status}.`);
}

/** The simulator has another address than at the earlier start, and a stored password is never sent to a new address. */
const nextName = (connectors) => `${connectorName} (${connectors.length + 1})`;

export async function verifyConnectivity({ isthmus, say }, connector) {
  say('2. Verify Connectivity');
  const { ok, steps } = await isthmus.connectors.verify(connector.id);
  for (const step of steps) say(`   ${step.ok ? '✔' : '✘'} ${step.step}: ${step.detail} (${step.ms} ms)`);
  if (!ok) throw new Error(`Verify Connectivity failed. ${steps.at(-1).mend}`);
  say('');
}

export async function syncAccounts({ isthmus, say, signal }, connector) {
  say('3. Sync Provider Accounts');
  const wanted = { connectorId: connector.id, scope: 'accounts' };
  const run = await syncAndFollow(isthmus.syncRuns, wanted, signal);
  say(`   ${countsInWords(run.counts)}\n`);
}

/** The schedule does this by itself right after the accounts; the request joins that run. */
export async function syncEverySubscription({ isthmus, say, signal }, connector) {
  say('4. Sync all subscriptions; events that other programs receive are marked ◂');
  const wanted = { connectorId: connector.id, scope: 'subscriptions' };
  const run = await syncAndFollow(isthmus.syncRuns, wanted, signal);
  say(`   ${countsInWords(run.counts)}`);
}

/** Links a provider account to an account of Work 365, which a real tenant would already have. */
export async function linkAccount({ isthmus, say }, connector) {
  say('5. Link a provider account with a tenant account');
  const query = { connectorId: connector.id, limit: 200 };
  const { data } = await isthmus.get('/v1/provider-accounts', { query });
  const account =
    data.find(({ tenantAccountId }) => tenantAccountId) ?? (await firstWithSubscriptions(isthmus, data));
  const tenantAccountId = account.tenantAccountId ?? `demo-${account.cmpAccountId}`;
  const ours = { name: account.name, domains: account.customDomainCandidates };
  await isthmus.put('/v1/tenant-accounts/{id}', { path: { id: tenantAccountId }, body: ours });
  const path = { id: account.id };
  const suggestions = await isthmus.get('/v1/provider-accounts/{id}/link-suggestions', { path });
  for (const { name, score, reasons } of suggestions.data.slice(0, 1)) {
    say(`   Suggested: ${name}, score ${score}: ${reasons.map(({ detail }) => detail).join('; ')}`);
  }
  const linked = await isthmus.put('/v1/provider-accounts/{id}/link', { path, body: { tenantAccountId } });
  say(`   ${linked.name} (CMP ${linked.cmpAccountId}) is linked with ${linked.tenantAccountId}.\n`);
  return linked;
}

/** An account that may order (Microsoft requires a domain) and has something to bill, once the events of the sync have arrived. */
async function firstWithSubscriptions(isthmus, accounts) {
  const able = accounts.filter(({ status, customDomain }) => status === 'active' && customDomain);
  const deadline = Date.now() + assignedWithinMs;
  for (;;) {
    for (const account of able) {
      const query = { providerAccountId: account.id, status: 'active', limit: 1 };
      const { data } = await isthmus.get('/v1/subscriptions', { query });
      if (data.length > 0) return account;
    }
    if (Date.now() > deadline) throw new Error('None of the accounts has an active subscription.');
    await sleep(100);
  }
}

export async function makeBillingContract({ isthmus, say }, account, currency) {
  say('6. Create its billing contract');
  const { tenantAccountId } = account;
  const { data } = await isthmus.get('/v1/billing-contracts', { query: { tenantAccountId } });
  const contract =
    data[0] ??
    (await isthmus.post('/v1/billing-contracts', {
      body: {
        tenantAccountId,
        name: `${account.name}, monthly`,
        currency,
        startDate: new Date().toISOString().slice(0, 10),
      },
    }));
  const standing = contract.isDefault ? 'the default' : 'not the default';
  say(`   ${contract.name}: ${contract.currency}, from ${contract.startDate}, ${standing}.\n`);
  return contract;
}

/** All of them were known before the contract existed; they are on it nevertheless. */
export async function syncSubscriptions({ isthmus, say, signal }, connector, contract) {
  say('7. Sync the subscriptions of the contract');
  const wanted = { connectorId: connector.id, scope: 'subscriptions', billingContractId: contract.id };
  const run = await syncAndFollow(isthmus.syncRuns, wanted, signal);
  say(`   ${countsInWords(run.counts)}`);
  const deadline = Date.now() + assignedWithinMs;
  for (;;) {
    const query = { billingContractId: contract.id, limit: 200 };
    const { data } = await isthmus.get('/v1/subscriptions', { query });
    if (data.length > 0) return say(`   On the contract: ${data.map(({ name }) => name).join(', ')}.\n`);
    if (Date.now() > deadline) throw new Error(`No subscription is on the contract ${contract.name}.`);
    await sleep(100, undefined, { signal });
  }
}

/** It is also read automatically, once a day; a request joins a run that is in progress. */
export async function syncCatalogue({ isthmus, say, signal }, connector) {
  say('8. Read the catalogue');
  const run = await syncAndFollow(isthmus.catalogSyncs, { connectorId: connector.id }, signal);
  say(`   ${countsInWords(run.counts)}\n`);
}
