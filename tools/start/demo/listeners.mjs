import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { programKeyFile, root } from '@isthmus/testing/servers';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { paths } from '../local-folder.mjs';
import { localPrograms } from '../local-keys.mjs';
import { recordProcess } from '../processes.mjs';

const quietMs = 1_000;
const shown = 8;

/**
 * Runs examples/subscription-listener alongside the demo, as a program of the tenant, and prints what it receives.
 * @param {{stack: object, tenant: string}} demo
 * @param {(line: string) => void} say
 */
export async function startSubscriptionListener({ stack, tenant }, say) {
  const program = localPrograms.find((one) => one.tenant === tenant);
  // All of them: the user's shell may have its own, for a single service.
  const settings = {
    NATS_URL: stack.nats,
    NATS_NKEY_SEED_FILE: programKeyFile(paths.natsKeys, tenant, program.program),
    TENANT: tenant,
    PROGRAM: program.program,
  };
  const child = spawn(process.execPath, [join(root, 'examples/subscription-listener/listen.mjs')], {
    env: { ...process.env, ...settings },
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  recordProcess('subscription-listener', child.pid);
  let received = 0;
  let lastAt;
  const lines = createInterface({ input: child.stdout });
  await new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error('examples/subscription-listener ended before it listened.')));
    lines.once('line', resolve);
  });
  lines.on('line', (line) => {
    received += 1;
    lastAt = Date.now();
    if (received <= shown) say(`   ◂ ${line}`);
  });
  return {
    /** Waits until nothing has arrived for a moment; @returns how many events have arrived in all. */
    async quiet() {
      lastAt = Date.now();
      while (Date.now() - lastAt < quietMs) await sleep(50);
      if (received > shown) say(`   ◂ … and ${received - shown} more`);
      return received;
    },
    async stop() {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/**
 * Receives the events that subscription-lifecycle publishes for the tenant from now on, and prints them.
 * @param {{stack: object, tenant: string}} demo
 * @param {(line: string) => void} say
 */
export async function startOrderListener({ stack, tenant }, say) {
  const { seed, inboxPrefix } = stack.natsCredentials.programs[tenant];
  const authenticator = nkeyAuthenticator(new TextEncoder().encode(seed));
  const connection = await connect({ servers: stack.nats, authenticator, inboxPrefix });
  const received = [];
  connection.subscribe(`subscription-lifecycle.${tenant}.>`, {
    callback(error, message) {
      if (error) return;
      const data = message.json();
      const traceId = message.headers?.get('traceparent').split('-')[1];
      const type = message.headers?.get('ce-type');
      received.push({ type, traceId, data });
      if (data.orderId) say(`   ◂ ${message.headers?.get('ce-time')}  ${type}  ${orderInWords(data)}`);
    },
  });
  await connection.flush();
  return { received, stop: () => connection.close() };
}

const orderInWords = ({ kind, cmpOrderNumber, cmpSubscriptionId, seats, reason }) =>
  [
    kind,
    cmpOrderNumber && `CMP order ${cmpOrderNumber}`,
    cmpSubscriptionId && `subscription ${cmpSubscriptionId}`,
    seats && `${seats} seats`,
    reason && `${reason.code}: ${reason.detail}`,
  ]
    .filter(Boolean)
    .join('  ');
