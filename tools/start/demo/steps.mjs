import { setTimeout as sleep } from 'node:timers/promises';
import { countsInWords, syncAndFollow } from './sync-runs.mjs';

const connectorName = 'IngramMicro US';
const assignedWithinMs = 180_000;
/** CMP allows about 60 a minute; with those, the first sync of 700 subscriptions would delay the orders after it. */
const callsPerMinute = 6_000;

/** Administration > Admin Hub > Integrations > Ingram Connector > Create: the eight fields. */
export async function createConnector({ connectors, stack, say }) {
  say(`1. Create the connector "${connectorName}"`);
  await allowCalls(stack);
  say(
    `   The simulated CMP allows ${callsPerMinute} calls a minute, so that nobody has to wait; CMP itself allows about 60.`,
  );
  const { data } = await connectors.get('/v1/connectors?limit=200');
  const known = data.find(({ name }) => name === connectorName);
  if (known && known.apiUrl === stack.simulator.apiUrl) {
    say('   It still exists from an earlier start.\n');
    if (known.callLimit.perMinute === callsPerMinute) return known;
    const changes = { callLimit: { perMinute: callsPerMinute } };
    return connectors.patch(`/v1/connectors/${known.id}`, changes, { 'if-match': `"${known.version}"` });
  }
  const accounts = await (await fetch(`${stack.simulator.control}/accounts`)).json();
  const { username, password, subscriptionKey, accountId, country, currency } = accounts[0];
  const settings = { username, password, subscriptionKey, accountId, country, currency };
  const callLimit = { perMinute: callsPerMinute };
  const body = { name: connectorName, apiUrl: stack.simulator.apiUrl, ...settings, callLimit };
  const connector = await connectors.post('/v1/connectors', known ? { ...body, name: nextName(data) } : body);
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

export async function verifyConnectivity({ connectors, say }, connector) {
  say('2. Verify Connectivity');
  const { ok, steps } = await connectors.post(`/v1/connectors/${connector.id}/verify`);
  for (const step of steps) say(`   ${step.ok ? '✔' : '✘'} ${step.step}: ${step.detail} (${step.ms} ms)`);
  if (!ok) throw new Error(`Verify Connectivity failed. ${steps.at(-1).mend}`);
  say('');
}

export async function syncAccounts({ accountSync, say, signal }, connector) {
  say('3. Sync Provider Accounts');
  const run = await syncAndFollow(accountSync, { connectorId: connector.id, scope: 'accounts' }, signal);
  say(`   ${countsInWords(run.counts)}\n`);
}

/** The schedule does this by itself right after the accounts; the request joins that run. */
export async function syncEverySubscription({ accountSync, say, signal }, connector) {
  say('4. Sync all subscriptions; events that other programs receive are marked ◂');
  const run = await syncAndFollow(accountSync, { connectorId: connector.id, scope: 'subscriptions' }, signal);
  say(`   ${countsInWords(run.counts)}`);
}

/** Links a provider account to an account of Work 365, which a real tenant would already have. */
export async function linkAccount({ accountSync, lifecycle, say }, connector) {
  say('5. Link a provider account with a tenant account');
  const { data } = await accountSync.get(`/v1/provider-accounts?connectorId=${connector.id}&limit=200`);
  const account =
    data.find(({ tenantAccountId }) => tenantAccountId) ?? (await firstWithSubscriptions(lifecycle, data));
  const tenantAccountId = account.tenantAccountId ?? `demo-${account.cmpAccountId}`;
  const ours = { name: account.name, domains: account.customDomainCandidates };
  await accountSync.put(`/v1/tenant-accounts/${tenantAccountId}`, ours);
  const suggestions = await accountSync.get(`/v1/provider-accounts/${account.id}/link-suggestions`);
  for (const { name, score, reasons } of suggestions.data.slice(0, 1)) {
    say(`   Suggested: ${name}, score ${score}: ${reasons.map(({ detail }) => detail).join('; ')}`);
  }
  const linked = await accountSync.put(`/v1/provider-accounts/${account.id}/link`, { tenantAccountId });
  say(`   ${linked.name} (CMP ${linked.cmpAccountId}) is linked with ${linked.tenantAccountId}.\n`);
  return linked;
}

/** An account that may order (Microsoft requires a domain) and has something to bill, once the events of the sync have arrived. */
async function firstWithSubscriptions(lifecycle, accounts) {
  const able = accounts.filter(({ status, customDomain }) => status === 'active' && customDomain);
  const deadline = Date.now() + assignedWithinMs;
  for (;;) {
    for (const account of able) {
      const { data } = await lifecycle.get(
        `/v1/subscriptions?providerAccountId=${account.id}&status=active&limit=1`,
      );
      if (data.length > 0) return account;
    }
    if (Date.now() > deadline) throw new Error('None of the accounts has an active subscription.');
    await sleep(100);
  }
}

export async function makeBillingContract({ accountSync, say }, account, currency) {
  say('6. Create its billing contract');
  const { tenantAccountId } = account;
  const { data } = await accountSync.get(`/v1/billing-contracts?tenantAccountId=${tenantAccountId}`);
  const contract =
    data[0] ??
    (await accountSync.post('/v1/billing-contracts', {
      tenantAccountId,
      name: `${account.name}, monthly`,
      currency,
      startDate: new Date().toISOString().slice(0, 10),
    }));
  const standing = contract.isDefault ? 'the default' : 'not the default';
  say(`   ${contract.name}: ${contract.currency}, from ${contract.startDate}, ${standing}.\n`);
  return contract;
}

/** All of them were known before the contract existed; they are on it nevertheless. */
export async function syncSubscriptions({ accountSync, lifecycle, say, signal }, connector, contract) {
  say('7. Sync the subscriptions of the contract');
  const wanted = { connectorId: connector.id, scope: 'subscriptions', billingContractId: contract.id };
  const run = await syncAndFollow(accountSync, wanted, signal);
  say(`   ${countsInWords(run.counts)}`);
  const deadline = Date.now() + assignedWithinMs;
  for (;;) {
    const { data } = await lifecycle.get(`/v1/subscriptions?billingContractId=${contract.id}&limit=200`);
    if (data.length > 0) return say(`   On the contract: ${data.map(({ name }) => name).join(', ')}.\n`);
    if (Date.now() > deadline) throw new Error(`No subscription is on the contract ${contract.name}.`);
    await sleep(100, undefined, { signal });
  }
}

/** It is also read automatically, once a day; a request joins a run that is in progress. */
export async function syncCatalogue({ catalogue, say, signal }, connector) {
  say('8. Read the catalogue');
  const run = await syncAndFollow(catalogue, { connectorId: connector.id }, signal, '/v1/catalog-syncs');
  say(`   ${countsInWords(run.counts)}\n`);
}
