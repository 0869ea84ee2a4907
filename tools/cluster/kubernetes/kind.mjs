import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '@isthmus/testing/servers';
import { stringify } from 'yaml';

const execute = promisify(execFile);

/** Whether there is a Docker engine that answers, and kind. */
export async function hasKind() {
  try {
    await execute('docker', ['info'], { timeout: 10_000 });
    await execute('kind', ['version']);
    return true;
  } catch {
    return false;
  }
}

/**
 * The same by kind: a cluster of one node that is a container.
 * @param {number[]} nodePorts which this machine wants to reach
 * @returns {Promise<import('./cluster.d.mts').Cluster>}
 */
export async function startKind(nodePorts) {
  const name = `isthmus-${process.pid}`;
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-kind-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const ports = new Map(await Promise.all(nodePorts.map(async (nodePort) => [nodePort, await freePort()])));
  const extraPortMappings = [...ports].map(([containerPort, hostPort]) => ({
    containerPort,
    hostPort,
    listenAddress: '127.0.0.1',
  }));
  const config = join(folder, 'kind.yaml');
  await writeFile(
    config,
    stringify({
      kind: 'Cluster',
      apiVersion: 'kind.x-k8s.io/v1alpha4',
      nodes: [{ role: 'control-plane', extraPortMappings }],
    }),
  );
  const options = { maxBuffer: 16 * 1024 * 1024 };
  const create = ['create', 'cluster', '--name', name, '--config', config, '--kubeconfig', kubeconfig];
  await execute('kind', [...create, '--wait', '120s'], options);
  const container = `${name}-control-plane`;
  const inside = async (...command) =>
    (await execute('docker', ['exec', container, ...command], options)).stdout;
  const { stdout: gateway } = await execute('docker', [
    ...['network', 'inspect', 'kind', '--format'],
    '{{range .IPAM.Config}}{{.Gateway}} {{end}}',
  ]);

  return {
    kind: 'kind',
    kubeconfig,
    address: '127.0.0.1',
    here: gateway.split(' ').find((one) => /^\d+(\.\d+){3}$/.test(one)),
    old: false,
    alive: () => true,
    port: (nodePort) => ports.get(nodePort),
    async loadImages(archive) {
      await execute('kind', ['load', 'image-archive', archive, '--name', name], options);
    },
    async signal(podUid, program, signal) {
      // The names of control groups have the pod's id with dashes or, by systemd, with underscores.
      const ids = `${podUid}|${podUid.replaceAll('-', '_')}`;
      const find = `for p in /proc/[0-9]*; do grep -qE '${ids}' $p/cgroup && tr '\\0' '\\n' < $p/cmdline | grep -qx '${program}' && echo \${p#/proc/}; done`;
      const pid = (await inside('sh', '-c', `${find}; true`)).trim().split('\n')[0];
      if (!pid) throw new Error(`No process of pod ${podUid} runs ${program}.`);
      await inside('kill', `-${signal.replace(/^SIG/, '')}`, pid);
    },
    volumes: () => [],
    log: (program) =>
      inside(
        'sh',
        '-c',
        `crictl logs --tail 40 $(crictl ps -q --name ${program}) 2>&1 || journalctl -n 40 -u ${program}`,
      ),
    async stop() {
      await execute('kind', ['delete', 'cluster', '--name', name, '--kubeconfig', kubeconfig], options);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
