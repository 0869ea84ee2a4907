import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { simulatorName, system } from '../start/system.mjs';

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

interface Container {
  name: string;
  args?: string[];
  readinessProbe?: object;
  livenessProbe?: object;
  envFrom?: { secretRef?: { name: string } }[];
  resources?: { limits?: object; requests?: object };
  env?: { name: string; valueFrom?: { secretKeyRef?: { name: string } } }[];
}
interface Manifest {
  kind: string;
  metadata: { name: string };
  spec: { template: { spec: { containers: Container[]; securityContext?: { runAsNonRoot?: boolean } } } };
}
interface Compose {
  services: Record<
    string,
    {
      build?: object;
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

/** Every object of an overlay, found as kustomize finds them. */
function manifests(folder: string): Manifest[] {
  const { resources = [], components = [] } = parse(read(`${folder}/kustomization.yaml`)) as Kustomization;
  return [...resources, ...components].flatMap((entry) => {
    const path = join(folder, entry);
    if (!entry.endsWith('.yaml')) return manifests(path);
    return parseAllDocuments(read(path)).map((document) => {
      expect(document.errors).toEqual([]);
      return document.toJS() as Manifest;
    });
  });
}
const local = manifests('k8s/overlays/local');
const find = (kind: string, name: string) =>
  local.find((one) => one.kind === kind && one.metadata.name === name);

it.each(system)(
  '$name is in docker-compose.yml with its command, database and port',
  ({ name, run, database, port }) => {
    const service = compose.services[name];
    expect(service).toMatchObject({ build: expect.anything(), healthcheck: expect.anything() });
    expect(service!.command ?? ['dist/main.js']).toEqual([run.replace(/^apps\/[^/]+\//, '')]);
    if (database) expect(service!.environment!.DATABASE_URL).toMatch(new RegExp(`/${database}$`));
    if (service!.ports) expect(service!.ports).toEqual([`127.0.0.1:${port}:8080`]);
  },
);

it.each(system)('$name is in k8s with probes, limits and no root', ({ name, run }) => {
  const { spec } = find('Deployment', name)!.spec.template;
  const [container] = spec.containers;
  expect(spec.securityContext?.runAsNonRoot).toBe(true);
  expect(container).toMatchObject({ readinessProbe: expect.anything(), livenessProbe: expect.anything() });
  expect(container!.resources).toMatchObject({ limits: expect.anything(), requests: expect.anything() });
  expect(container!.args ?? ['dist/main.js']).toEqual([run.replace(/^apps\/[^/]+\//, '')]);
});

it.each(system.filter(({ name }) => name !== simulatorName))(
  '$name has its own key for NATS and no other, in both',
  ({ name, run }) => {
    const key = `nats-key-${run.split('/')[1]}`;
    expect(compose.services[name]!.secrets).toEqual([{ source: key, target: 'nats-key' }]);
    expect(compose.services[name]!.environment!.NATS_NKEY_SEED_FILE).toBe('/run/secrets/nats-key');
    const [container] = find('Deployment', name)!.spec.template.spec.containers;
    expect(container!.env!.filter((variable) => variable.name.startsWith('NATS_NKEY'))).toMatchObject([
      { name: 'NATS_NKEY_SEED', valueFrom: { secretKeyRef: { name: key } } },
    ]);
  },
);

it('starts NATS with the configuration that names its users, in both', () => {
  expect(compose.services.nats!.command).toEqual(expect.arrayContaining(['-c', '/run/secrets/nats.conf']));
  const [server] = find('StatefulSet', 'nats')!.spec.template.spec.containers;
  expect(server!.args).toEqual(expect.arrayContaining(['-c', '/etc/isthmus/nats.conf']));
});

it.each(system)('$name gets the key ring that it has a use for, and no other', ({ name, secrets }) => {
  const { environment = {}, volumes = [] } = compose.services[name]!;
  expect(Object.keys(environment).filter((variable) => variable.includes('SECRET_RING'))).toEqual(
    { connectors: ['SECRET_RING_FILE'], webhooks: ['WEBHOOK_SECRET_RING_FILE'], none: [] }[secrets ?? 'none'],
  );
  expect(volumes.filter((volume) => volume.includes('-keys'))).toEqual(
    {
      connectors: ['connector-keys:/run/connector-keys:ro'],
      webhooks: ['webhook-keys:/run/webhook-keys:ro'],
      none: [],
    }[secrets ?? 'none'],
  );
  const rings = secretsOf(find('Deployment', name)!);
  // The worker has one beside that of its API, for the ring that the API has no use for.
  expect(rings.length).toBe(name === 'account-sync-worker' ? 2 : name === simulatorName ? 0 : 1);
});

it.each(system.filter(({ migrates }) => migrates))(
  '$name is migrated by a job of its own, in both',
  ({ name }) => {
    expect(compose.services[`${name}-migrate`]!.command).toEqual(['dist/main.js', 'migrate']);
    expect(find('Job', `${name}-migrate`)!.spec.template.spec.containers[0]!.args).toEqual([
      'dist/main.js',
      'migrate',
    ]);
  },
);

it.each(system.filter(({ migrates }) => migrates))(
  '$name serves as a role of its own that owns nothing, and only its migration knows the others',
  ({ name, database }) => {
    const serving = system.filter((one) => one.database === database).map((one) => one.name);
    for (const one of serving) {
      const { environment = {} } = compose.services[one]!;
      expect(Object.keys(environment).filter((key) => key.endsWith('DATABASE_URL'))).toEqual([
        'DATABASE_URL',
      ]);
      expect(new URL(environment.DATABASE_URL!).username).toBe(database);
      expect(secretsOf(find('Deployment', one)!)).toEqual([...new Set([name, one])]);
    }
    const { environment = {} } = compose.services[`${name}-migrate`]!;
    expect(new URL(environment.MIGRATION_DATABASE_URL!).username).toBe(`${database}_owner`);
    expect(environment).toHaveProperty('ADMIN_DATABASE_URL');
    expect(secretsOf(find('Job', `${name}-migrate`)!)).toEqual([name, `${name}-migrate`]);
  },
);

function secretsOf({ spec }: Manifest): string[] {
  const { envFrom = [] } = spec.template.spec.containers[0]!;
  return envFrom.flatMap(({ secretRef }) => secretRef?.name ?? []);
}

it('creates every database that a service has, in both', () => {
  for (const { database } of system) {
    if (!database) continue;
    expect(read('docker-compose.yml')).toContain(`create database ${database};`);
    expect(read('k8s/components/servers/postgres.yaml')).toContain(`create database ${database};`);
  }
});

it.each(kustomizations)('%s names only files that exist', (file) => {
  const folder = join('k8s', file, '..');
  const { resources = [], components = [] } = parse(read(`k8s/${file}`)) as Kustomization;
  expect([...resources, ...components].filter((entry) => !existsSync(join(root, folder, entry)))).toEqual([]);
});

it('keeps the simulator out of the base', () => {
  expect(manifests('k8s/base').map(({ metadata }) => metadata.name)).not.toContain(simulatorName);
});
