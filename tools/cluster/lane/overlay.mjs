import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { fetchKubectl } from '../kubectl.mjs';

const run = promisify(execFile);

/** Where this machine reaches what, at the node. */
export const nodePorts = {
  'console-gateway': 30100,
  'connector-config': 30101,
  'account-sync': 30102,
  'product-catalog': 30104,
  'subscription-lifecycle': 30105,
  'rest-provider': 30106,
  webhooks: 30107,
  'cmp-simulator': 30190,
  postgres: 30132,
  nats: 30122,
};

/**
 * The objects of overlays/local of a checkout, as a release under this tag, changed only in what the lane needs.
 * @param {{from: string, keys: string, tag: string, simulator: string, old: boolean}} release keys: a folder as `.keys`; simulator: the tag that
 *   CMP's stand-in has throughout, because it keeps everything in memory; old: for Kubernetes 1.20
 */
export async function renderRelease({ from, keys, tag, simulator, old }) {
  const kubectl = await fetchKubectl();
  const copy = await mkdtemp(join(tmpdir(), 'isthmus-k8s-'));
  try {
    await cp(join(from, 'k8s'), copy, { recursive: true });
    await cp(keys, join(copy, 'overlays/local/.keys'), { recursive: true });
    const file = join(copy, 'overlays/local/kustomization.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(/newTag: .*/, `newTag: ${tag}`));
    const { stdout } = await run(kubectl, ['kustomize', join(copy, 'overlays/local')], {
      maxBuffer: 64 * 1024 * 1024,
    });
    const objects = parseAllDocuments(stdout).map((document) => document.toJS());
    for (const one of objects) {
      if (one.kind === 'Deployment' && one.metadata.name === 'cmp-simulator')
        one.spec.template.spec.containers[0].image = `isthmus:${simulator}`;
      if (one.kind === 'Service') publish(one);
    }
    return [...objects.map((one) => (old ? older(one) : one)).filter(Boolean), ...outside()];
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

function publish({ metadata: { name }, spec }) {
  if (spec.clusterIP === 'None' || !nodePorts[name]) return;
  spec.type = 'NodePort';
  spec.ports[0].nodePort = nodePorts[name];
}

/** What Kubernetes 1.20 calls otherwise or does not have. */
function older(object) {
  if (object.apiVersion === 'policy/v1') return { ...object, apiVersion: 'policy/v1beta1' };
  if (object.apiVersion.startsWith('autoscaling/v2')) return undefined;
  return object;
}

/** What was changed for Kubernetes 1.20, in words. */
export const olderInWords =
  'Kubernetes 1.20: budgets of disruption are policy/v1beta1; autoscaling/v2, Pod Security admission, kinds of others (KEDA, ' +
  'Gateway API, Prometheus operator) and enforcement of NetworkPolicies are not there, and were not run';

/** PostgreSQL and NATS have services without an address; this machine needs one. */
const outside = () =>
  [
    ['postgres', 5432],
    ['nats', 4222],
  ].map(([name, port]) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `${name}-outside`, namespace: 'isthmus' },
    spec: {
      type: 'NodePort',
      selector: { app: name },
      ports: [{ name, port, targetPort: port, nodePort: nodePorts[name] }],
    },
  }));
