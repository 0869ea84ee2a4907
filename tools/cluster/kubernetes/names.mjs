// The name server of a node: services and what is behind headless ones, as the API server knows them. Debian has no CoreDNS.
//   names.mjs <kubeconfig> <address>
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';

const [kubeconfig, address] = process.argv.slice(2);
const { clusters, users } = parse(readFileSync(kubeconfig, 'utf8'));
const { server, 'certificate-authority': certificate } = clusters[0].cluster;
const options = {
  ca: readFileSync(certificate),
  headers: { authorization: `Bearer ${users[0].user.token}` },
};
const domain = '.svc.cluster.local';

/** Addresses by `name.namespace`: of services that have one, and of the ready pods of those that have none. */
const services = new Map();
const endpoints = new Map();

function get(path, seconds) {
  return new Promise((resolve, reject) => {
    const sent = request(`${server}${path}`, options, (response) =>
      response.statusCode === 200 ? resolve(response) : reject(new Error(`${path}: ${response.statusCode}`)),
    );
    if (seconds) sent.setTimeout(seconds * 1000, () => sent.destroy(new Error(`${path}: silent`)));
    sent.once('error', reject);
    sent.end();
  });
}

async function textOf(response) {
  let text = '';
  for await (const chunk of response) text += chunk;
  return text;
}

/** Keeps a map as the API server has it: reads all, then follows what changes, and starts over when that ends. */
async function follow(path, map, addressesOf) {
  const keyOf = ({ name, namespace }) => `${name}.${namespace}`;
  for (;;) {
    try {
      const { metadata, items } = JSON.parse(await textOf(await get(path, 10)));
      map.clear();
      for (const item of items) map.set(keyOf(item.metadata), addressesOf(item));
      const changes = await get(
        `${path}?watch=1&timeoutSeconds=300&resourceVersion=${metadata.resourceVersion}`,
      );
      for await (const line of createInterface({ input: changes })) {
        const { type, object } = JSON.parse(line);
        if (type === 'ERROR') break;
        if (type === 'DELETED') map.delete(keyOf(object.metadata));
        else map.set(keyOf(object.metadata), addressesOf(object));
      }
    } catch (error) {
      process.stdout.write(`${error.message}\n`);
      await sleep(500);
    }
  }
}

/** The addresses of a name, or undefined where there is no such name. */
function resolve(name) {
  if (!name.endsWith(domain)) return undefined;
  const labels = name.slice(0, -domain.length).split('.');
  if (labels.length < 2) return undefined;
  const key = labels.slice(-2).join('.');
  const own = services.get(key);
  return own?.[0] === 'None' ? (endpoints.get(key) ?? []) : own;
}

/** The answer to a query, in the format of RFC 1035: one question, no options. */
function answer(query) {
  let at = 12;
  const labels = [];
  for (let length = query[at]; length > 0; length = query[at]) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length).toLowerCase());
    at += length + 1;
  }
  const question = query.subarray(12, at + 5);
  const kind = query.readUInt16BE(at + 1);
  const found = resolve(labels.join('.'));
  // Only addresses of version 4 are known; a name that has none of another kind is still a name.
  const addresses = kind === 1 ? (found ?? []) : [];
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8580 | (query.readUInt16BE(2) & 0x0100) | (found ? 0 : 3), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(addresses.length, 6);
  const records = addresses.map((text) => {
    const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 0, 0, 0, 0]);
    Buffer.from(text.split('.').map(Number)).copy(record, 12);
    return record;
  });
  return Buffer.concat([header, question, ...records]);
}

const udp = createSocket('udp4', (query, { port, address: from }) => {
  try {
    udp.send(answer(query), port, from);
  } catch (error) {
    process.stdout.write(`A query could not be read: ${error.message}\n`);
  }
});
udp.bind(53, address);
createServer((socket) => {
  socket.once('error', () => undefined);
  socket.on('data', (query) => {
    const said = answer(query.subarray(2));
    const length = Buffer.alloc(2);
    length.writeUInt16BE(said.length);
    socket.write(Buffer.concat([length, said]));
  });
}).listen(53, address);

void follow('/api/v1/services', services, ({ spec }) => [spec.clusterIP]);
void follow('/api/v1/endpoints', endpoints, ({ subsets = [] }) =>
  subsets.flatMap(({ addresses = [] }) => addresses.map(({ ip }) => ip)),
);
