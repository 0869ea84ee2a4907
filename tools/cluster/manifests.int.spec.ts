import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { simulatorName, system } from '../start/system.mjs';
import { type Container, type Manifest, type PodSpec, render } from './kubectl.mjs';

const root = join(import.meta.dirname, '../..');
const overlays = ['overlays/local', 'overlays/production'];
const rendered = new Map<string, Manifest[]>();
beforeAll(async () => {
  await Promise.all(overlays.map(async (overlay) => rendered.set(overlay, await render(overlay))));
});

const of = (overlay: string, ...kinds: string[]): Manifest[] =>
  rendered.get(overlay)!.filter(({ kind }) => kinds.includes(kind));
interface Pod {
  name: string;
  pod: PodSpec;
  containers: Container[];
  labels: Record<string, string>;
}
const podsOf = (overlay: string): Pod[] =>
  of(overlay, 'Deployment', 'StatefulSet').map(({ metadata, spec }) => ({
    name: metadata.name,
    pod: spec.template.spec as PodSpec,
    containers: [
      ...(spec.template.spec.initContainers ?? []),
      ...spec.template.spec.containers,
    ] as Container[],
    labels: spec.template.metadata.labels as Record<string, string>,
  }));
const services = system.filter(({ name }) => name !== simulatorName);
const isService = ({ name }: Pod) => services.some((one) => one.name === name);

/** What a container is given by ConfigMaps and by itself. */
function environmentOf(overlay: string, { env = [], envFrom = [] }: Container): Record<string, string> {
  const maps = envFrom.map(({ configMapRef }) => {
    const map = of(overlay, 'ConfigMap').find(({ metadata }) => metadata.name === configMapRef!.name);
    if (!map) throw new Error(`There is no ConfigMap ${configMapRef!.name}.`);
    return map.data ?? {};
  });
  return Object.assign({}, ...maps, Object.fromEntries(env.map(({ name, value = '' }) => [name, value])));
}

describe.each(overlays)('%s', (overlay) => {
  it('names an image by a tag that says which, or by a digest', () => {
    const images = podsOf(overlay).flatMap(({ containers }) => containers.map(({ image }) => image));
    expect(images.length).toBeGreaterThan(services.length);
    expect(images.filter((image) => !/(:(?!latest$)[\w.-]+|@sha256:[0-9a-f]{64})$/.test(image))).toEqual([]);
  });

  it('can be applied again with another tag: nothing in it is fixed once it is made', async () => {
    expect(of(overlay, 'Job', 'Pod')).toEqual([]);
    const again = await render(overlay, async (copy) => {
      const { readFile, writeFile } = await import('node:fs/promises');
      const file = join(copy, overlay, 'kustomization.yaml');
      const text = await readFile(file, 'utf8');
      await writeFile(
        file,
        text.replace(/newTag: .*/, 'newTag: 9.9.9').replace(/(version): 0\.1\.0/, '$1: 9.9.9'),
      );
    });
    const fixed = (objects: Manifest[]) =>
      objects
        .filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet')
        .map(({ metadata, spec }) => [
          metadata.name,
          spec.selector,
          spec.serviceName,
          spec.volumeClaimTemplates,
        ]);
    expect(fixed(again)).toEqual(fixed(rendered.get(overlay)!));
    expect(JSON.stringify(again)).toContain(':9.9.9"');
  });

  it('sets only what is a setting', () => {
    const known = new Set(
      [
        ...readFileSync(join(root, 'docs/generated/settings.md'), 'utf8').matchAll(/^\| `([A-Z0-9_]+)` /gm),
      ].map(([, name]) => name),
    );
    const given = podsOf(overlay)
      .filter(isService)
      .flatMap(({ containers }) => containers.flatMap((one) => Object.keys(environmentOf(overlay, one))));
    expect([...new Set(given)].filter((name) => !known.has(name))).toEqual([]);
    for (const needed of ['OIDC_ISSUER', 'OIDC_AUDIENCE', 'OIDC_JWKS_URL', 'NATS_URL', 'SETTINGS_DIR'])
      expect(given).toContain(needed);
  });

  it('passes what Pod Security calls restricted', () => {
    for (const { name, pod, containers } of podsOf(overlay)) {
      expect({ name, ...pod }).toMatchObject({
        name,
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      });
      for (const container of containers)
        expect({ name, ...container.securityContext }).toEqual({
          name,
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
      const kinds = (pod.volumes ?? []).map(({ name: _, ...volume }) => Object.keys(volume)[0]);
      expect(
        kinds.filter((kind) => !['configMap', 'emptyDir', 'projected', 'secret'].includes(kind!)),
      ).toEqual([]);
    }
    expect(of(overlay, 'Namespace')[0]!.metadata.labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'restricted',
    });
  });

  it('gives a pod longer to end than its program takes: draining, finishing, and five seconds more', () => {
    for (const { name, pod } of podsOf(overlay).filter(isService)) {
      const { DRAIN_MS, SHUTDOWN_MS = '10000' } = environmentOf(overlay, pod.containers[0]!);
      const seconds = (Number(DRAIN_MS) + Number(SHUTDOWN_MS)) / 1000;
      expect([name, pod.terminationGracePeriodSeconds]).toEqual([name, seconds + 5]);
      // The worker takes no requests; whoever waits for its runs should not wait for that too.
      expect([name, DRAIN_MS]).toEqual([name, name.endsWith('-worker') ? '0' : '5000']);
    }
  });

  it('keeps a service up while its pods are replaced or a node is drained', () => {
    for (const { metadata, spec } of of(overlay, 'Deployment').filter(({ metadata: { name } }) =>
      services.some((one) => one.name === name),
    )) {
      expect(spec.strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
      const budget = of(overlay, 'PodDisruptionBudget').find((one) => one.metadata.name === metadata.name);
      expect(budget!.spec).toEqual({
        maxUnavailable: 1,
        selector: { matchLabels: spec.selector.matchLabels },
      });
      const spread = (spec.template.spec as PodSpec).topologySpreadConstraints!;
      expect(spread.map(({ topologyKey }) => topologyKey)).toEqual([
        'topology.kubernetes.io/zone',
        'kubernetes.io/hostname',
      ]);
    }
  });

  it('asks only for what is there: ports of probes, volumes, accounts, ConfigMaps, Services', () => {
    const accounts = of(overlay, 'ServiceAccount').map(({ metadata }) => metadata.name);
    const maps = of(overlay, 'ConfigMap').map(({ metadata }) => metadata.name);
    for (const { name, pod, containers } of podsOf(overlay)) {
      if (services.some((one) => one.name === name)) expect(pod.serviceAccountName).toBe(name);
      if (pod.serviceAccountName) expect(accounts).toContain(pod.serviceAccountName);
      for (const { configMap } of pod.volumes ?? [])
        if (configMap && !configMap.optional) expect(maps).toContain(configMap.name);
      for (const { ports = [], volumeMounts = [], ...container } of containers) {
        const volumes = (pod.volumes ?? []).map((volume) => volume.name);
        for (const mount of volumeMounts)
          if (mount.name !== 'data')
            expect([name, volumes]).toEqual([name, expect.arrayContaining([mount.name])]);
        for (const probe of [container.startupProbe, container.readinessProbe, container.livenessProbe]) {
          const port = probe?.httpGet?.port ?? probe?.tcpSocket?.port;
          if (port) expect(ports.map((one) => one.name)).toContain(port);
        }
      }
    }
    const targets = of(overlay, 'HTTPRoute').flatMap(({ spec }) =>
      spec.rules.flatMap((rule: { backendRefs: { name: string }[] }) =>
        rule.backendRefs.map(({ name }) => name),
      ),
    );
    const known = of(overlay, 'Service').map(({ metadata }) => metadata.name);
    expect(targets.filter((target: string) => !known.includes(target))).toEqual([]);
    const scaled = of(overlay, 'ScaledObject', 'HorizontalPodAutoscaler').map(
      ({ spec }) => spec.scaleTargetRef.name,
    );
    const deployments = of(overlay, 'Deployment').map(({ metadata }) => metadata.name);
    expect(scaled.filter((target) => !deployments.includes(target))).toEqual([]);
  });
});

it('leaves the files of a volume to the server that made them, when its pod is replaced', () => {
  const servers = of('overlays/local', 'StatefulSet').map(({ metadata, spec }) => ({
    name: metadata.name,
    ...(spec.template.spec as PodSpec).securityContext,
  }));
  expect(servers.map(({ name }) => name).sort()).toEqual(['nats', 'postgres']);
  for (const server of servers)
    expect(server).toMatchObject({ name: server.name, fsGroupChangePolicy: 'OnRootMismatch' });
});

it('fits a machine of two CPUs in the local overlay', () => {
  const cpus = (text = '0') => (text.endsWith('m') ? Number(text.slice(0, -1)) / 1000 : Number(text));
  const asked = of('overlays/local', 'Deployment', 'StatefulSet').map(({ spec }) => {
    const { initContainers = [], containers } = spec.template.spec as PodSpec;
    const sum = containers.reduce((total, { resources }) => total + cpus(resources?.requests?.cpu), 0);
    const first = Math.max(0, ...initContainers.map(({ resources }) => cpus(resources?.requests?.cpu)));
    // During a release a second pod stands beside the first.
    return (spec.replicas as number) * 2 * Math.max(sum, first);
  });
  expect(asked.reduce((total, one) => total + one, 0)).toBeLessThan(1.7);
});

it('leaves the number of pods to what scales them', () => {
  const scaled = of('overlays/production', 'ScaledObject', 'HorizontalPodAutoscaler').map(
    ({ spec }) => spec.scaleTargetRef.name as string,
  );
  const deployments = of('overlays/production', 'Deployment');
  expect(scaled.sort()).toEqual(deployments.map(({ metadata }) => metadata.name).sort());
  expect(deployments.filter(({ spec }) => spec.replicas !== undefined)).toEqual([]);
});

it('publishes neither health nor metrics nor API documents', () => {
  const routes = of('overlays/production', 'HTTPRoute');
  const pathsTo = (service: string): string[] =>
    routes
      .flatMap(({ spec }) => spec.rules)
      .filter(({ backendRefs }) => backendRefs[0].name === service)
      .flatMap(({ matches }) => matches.map((one: { path: { value: string } }) => one.path.value));
  const toWork365 = pathsTo('rest-provider');
  expect(toWork365.length).toBeGreaterThan(8);
  for (const hidden of [
    '/metrics',
    '/healthz/ready',
    '/docs',
    '/openapi.json',
    '/v1/audit',
    '/_control/clock',
  ])
    expect(
      toWork365.filter((path) => path === '/' || hidden === path || hidden.startsWith(`${path}/`)),
    ).toEqual([]);
  // Everything else goes to the gateway, which has only its health at that port, and that says nothing of the services behind it.
  expect(routes.flatMap(({ spec }) => spec.rules).length).toBe(2);
  expect(pathsTo('console-gateway')).toEqual(['/']);
  const [settings] = of('overlays/production', 'ConfigMap').filter(({ metadata }) =>
    metadata.name.startsWith('isthmus-'),
  );
  expect(settings!.data).toMatchObject({ API_DOCS: 'metrics-port', METRICS_PORT: '9464', PORT: '8080' });
});

interface Rule {
  ports?: { port: number | string }[];
  from?: { namespaceSelector: { matchLabels: Record<string, string> } }[];
  to?: { ipBlock?: { cidr: string } }[];
}
const policies = () =>
  of('overlays/production', 'NetworkPolicy').map(({ metadata, spec }) => ({ name: metadata.name, ...spec }));
/** The rules of one direction that hold for a pod with these labels. */
function rulesFor(labels: Record<string, string>, direction: 'ingress' | 'egress'): Rule[] {
  return policies()
    .filter(({ podSelector: { matchLabels = {}, matchExpressions = [] } }) => {
      const equal = Object.entries(matchLabels).every(([key, value]) => labels[key] === value);
      const within = matchExpressions.every((one: { key: string; values: string[] }) =>
        one.values.includes(labels[one.key]!),
      );
      return equal && within;
    })
    .flatMap((policy) => (policy[direction] as Rule[] | undefined) ?? []);
}

it('lets nothing in or out of a pod but what the data flow of the README needs', () => {
  const denied = policies().find(({ name }) => name === 'deny-all');
  expect(denied).toMatchObject({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
  const flows = Object.fromEntries(
    podsOf('overlays/production').map(({ name, labels }) => [
      name,
      {
        in: rulesFor(labels, 'ingress')
          .flatMap(({ ports = [] }) => ports.map(({ port }) => String(port)))
          .sort(),
        out: rulesFor(labels, 'egress')
          .flatMap(({ ports = [], to = [] }) =>
            ports.map(({ port }) => (to.some(({ ipBlock }) => ipBlock) ? `internet ${port}` : `${port}`)),
          )
          .sort(),
      },
    ]),
  );
  const servers = ['4222', '53', '53', '5432'];
  const outside = [...servers, 'internet 443', 'internet 8443'];
  const api = { in: ['http', 'metrics'], out: outside };
  expect(flows).toEqual({
    'console-gateway': {
      in: ['http', 'metrics'],
      out: ['4222', '53', '53', '5432', '8080', 'internet 443', 'internet 8443'],
    },
    'connector-config': api,
    'account-sync': api,
    'account-sync-worker': { in: ['metrics'], out: outside },
    'product-catalog': api,
    'subscription-lifecycle': api,
    // From Work 365, and from the gateway for its audit log.
    'rest-provider': { in: ['http', 'http', 'metrics'], out: servers },
    webhooks: api,
  });
});

it('keeps services from private addresses, and with them from the metadata of a cloud', () => {
  const [internet] = rulesFor({ app: 'webhooks' }, 'egress').filter(({ to = [] }) =>
    to.some(({ ipBlock }) => ipBlock),
  );
  const { except } = internet!.to!.find(({ ipBlock }) => ipBlock!.cidr === '0.0.0.0/0')!
    .ipBlock as unknown as {
    except: string[];
  };
  for (const network of ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', '127.0.0.0/8'])
    expect(except).toContain(network);
});
