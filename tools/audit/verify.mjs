// npm run audit:verify [-- --databases <file>]
// Verifies the audit log of every service against the heads that other services have kept of it. Ends with 1 when something is wrong,
// and with 2 when it could not be verified.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import pg from 'pg';
import { root } from '../../libs/testing/servers/index.mjs';
import { paths } from '../start/local-folder.mjs';
import { gatewayName } from '../start/system.mjs';

/** Whose database has the heads of the others, and who has those of that one: docs/decisions/0119. */
const witnesses = ['webhooks', 'connector-config'];
const shownFaults = 50;

const databases = await readDatabases();
const { postgresAddress, readWitnessedHeads, verifyAudit } = await builtKit();
const heads = await witnessedHeads();
let wrong = 0;
for (const [service, url] of Object.entries(databases)) {
  const known = heads && (heads.get(service) ?? new Map());
  const { tenants, entries, faults } = await inside(service, url, (client) =>
    verifyAudit(client, service, known),
  );
  const verdict = faults.length === 0 ? 'whole' : counted(faults.length, 'fault');
  console.log(
    `${service}: ${counted(entries, 'entry', 'entries')} of ${counted(tenants, 'tenant')}, ${verdict}`,
  );
  for (const { tenantId, sequence, fault, detail } of faults.slice(0, shownFaults))
    console.log(`  tenant ${tenantId}, entry ${sequence || '–'}: ${fault}. ${detail}`);
  if (faults.length > shownFaults) console.log(`  … and ${faults.length - shownFaults} more`);
  wrong += faults.length;
}
process.exit(wrong > 0 ? 1 : 0);

function counted(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}

/** By service: those of a file, or of the system that runs on this machine. */
async function readDatabases() {
  const { values } = parseArgs({ options: { databases: { type: 'string' } } });
  const file = values.databases ?? paths.stack;
  try {
    const read = JSON.parse(await readFile(file, 'utf8'));
    if (values.databases) return read;
    // It has no commands of its own.
    const { [gatewayName]: _, ...audited } = read.postgres;
    return audited;
  } catch (error) {
    console.error(
      `The addresses of the databases cannot be read from ${file}: ${error.message}\n` +
        'Start the system, or write a file such as {"webhooks": "postgres://…", "account-sync": "postgres://…"} and name it: ' +
        'npm run audit:verify -- --databases <file>. The role has to see the rows of all tenants.',
    );
    process.exit(2);
  }
}

/** Nothing is built while what is there is up to date: other programs may be running from it. */
async function builtKit() {
  const prepare = join(root, 'tools/prepare.mjs');
  await promisify(execFile)(process.execPath, [prepare], { cwd: root }).catch((error) => {
    console.error(`The platform could not be built. It said:\n${error.stdout}${error.stderr}`);
    process.exit(2);
  });
  return import('@isthmus/service-kit');
}

/** Read before the logs, which have grown since and must not be behind. */
async function witnessedHeads() {
  const missing = witnesses.filter((witness) => !databases[witness]);
  if (missing.length > 0) {
    console.log(
      `Without the heads that ${missing.join(' and ')} keeps, a tail that is missing goes unnoticed.`,
    );
    return undefined;
  }
  const all = new Map();
  for (const witness of witnesses)
    for (const [service, byTenant] of await inside(witness, databases[witness], readWitnessedHeads)) {
      const known = all.get(service) ?? new Map();
      for (const [tenantId, found] of byTenant)
        known.set(tenantId, [...(known.get(tenantId) ?? []), ...found]);
      all.set(service, known);
    }
  return all;
}

/** Connects as the services do: DATABASE_CA_FILE, or what an address says about TLS. */
async function inside(service, address, work) {
  const client = await connect(address).catch((error) => {
    console.error(
      `The database of ${service} cannot be reached: ${error.message}\nCorrect its address; if it wants TLS, set DATABASE_CA_FILE.`,
    );
    process.exit(2);
  });
  return work(client).finally(() => client.end());
}

async function connect(address) {
  const { url, ssl } = postgresAddress(address, process.env.DATABASE_CA_FILE, 'address');
  const client = new pg.Client({ connectionString: url, ssl });
  await client.connect();
  return client;
}
