import { execFile, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { root, spawnTied } from '@isthmus/testing/servers';
import { stringify } from 'yaml';

const execute = promisify(execFile);
const cgroups = '/sys/fs/cgroup';

/**
 * Why a node cannot run on this machine; undefined when it can.
 * @returns {string | undefined}
 */
export function whyNoNode() {
  if (process.arch !== 'x64') return `Kubernetes is built for x64, not ${process.arch}`;
  if (process.getuid?.() !== 0) return 'a node needs root';
  if (!existsSync(join(cgroups, 'memory'))) return 'a node of Kubernetes 1.20 needs cgroups of version 1';
  for (const hidden of ['/var/lib/', '/run/', '/var/log/'])
    if (root.startsWith(hidden)) return `a node does not see a checkout below ${hidden}`;
  return undefined;
}

/** Programs of the node, built once: about eight minutes of CPU. */
async function built() {
  const programs = join(root, '.local', 'kubernetes-bookworm');
  if (existsSync(programs)) return programs;
  const build = spawn(join(import.meta.dirname, 'build.sh'), [programs], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const code = await new Promise((ended) => build.once('exit', ended));
  if (code !== 0) throw new Error('Kubernetes could not be built; see above.');
  return programs;
}

/**
 * Starts a cluster of one node, of programs that are processes of this machine: in a process, mount and network namespace of its own, so that
 * nothing else is touched, and nothing is left when it is stopped or when this process ends, however it ends.
 * @returns {Promise<import('./cluster.d.mts').Cluster>}
 */
export async function startNode() {
  const programs = await built();
  const folder = join(root, '.local', 'cluster');
  rmSync(folder, { recursive: true, force: true });
  // The last number of the network is this process's, so that two nodes may stand side by side.
  const net = `10.200.${process.pid % 256}`;
  const [gateway, address] = [`${net}.1`, `${net}.2`];
  const group = `isthmus-${process.pid}`;
  writeSettings({ folder, programs, address, group });
  await removeLeftGroups();
  makeGroups(group);

  const wire = `isthmus${process.pid}`.slice(0, 15);
  const node = spawnTied(
    'unshare',
    [
      ...[
        '--pid',
        '--fork',
        '--kill-child=SIGKILL',
        '--mount',
        '--propagation',
        'private',
        '--mount-proc',
        '--net',
      ],
      ...[join(import.meta.dirname, 'node.sh'), folder, programs, address, gateway, process.execPath],
    ],
    { stdio: ['pipe', 'inherit', 'inherit'] },
  );
  let gone = false;
  const ended = new Promise((resolve) => node.once('exit', resolve)).then(() => (gone = true));
  const first = await firstOf(node.pid);
  await execute('ip', ['link', 'add', wire, 'type', 'veth', 'peer', 'name', 'node0', 'netns', String(first)]);
  await execute('ip', ['address', 'add', `${gateway}/30`, 'dev', wire]);
  await execute('ip', ['link', 'set', wire, 'up']);
  const inside = (...command) =>
    execute('nsenter', ['--target', String(first), '--mount', '--net', ...command], {
      maxBuffer: 16 * 1024 * 1024,
    });

  return {
    kind: 'a node built from the source package of Debian 12',
    kubeconfig: join(folder, 'kubeconfig'),
    address,
    here: gateway,
    old: true,
    alive: () => !gone,
    port: (nodePort) => nodePort,
    async loadImages(archive) {
      await inside(join(programs, 'usr/bin/ctr'), '-n', 'k8s.io', 'images', 'import', archive);
    },
    async signal(podUid, program, signal) {
      const pid = processOf(podUid, program);
      if (!pid) throw new Error(`No process of pod ${podUid} runs ${program}.`);
      process.kill(pid, signal);
    },
    volumes: (name) => volumes(name, join(folder, 'var-lib', 'volumes')),
    async log(name) {
      const text = readFileSync(join(folder, 'logs', `${name}.log`), 'utf8');
      return text.split('\n').slice(-40).join('\n');
    },
    async stop() {
      node.stdin.end();
      await Promise.race([ended, sleep(10_000, undefined, { ref: false })]);
      node.kill('SIGKILL');
      await ended;
      await removeGroups(group);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 });
    },
  };
}

/** The process that unshare forked, which is the node's first. */
async function firstOf(pid) {
  for (let tries = 0; tries < 100; tries += 1) {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    if (children) return Number(children);
    await sleep(50);
  }
  throw new Error('The node has no namespaces; may this process make any?');
}

function writeSettings({ folder, programs, address, group }) {
  for (const path of [
    'logs',
    'cni',
    ...['containerd', 'volumes', 'cni', 'kubelet'].map((name) => `var-lib/${name}`),
  ])
    mkdirSync(join(folder, path), { recursive: true });
  const write = (name, text) => writeFileSync(join(folder, name), text, { mode: 0o600 });
  const token = randomBytes(24).toString('base64url');
  write('tokens.csv', `${token},isthmus,isthmus,"system:masters"\n`);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  write('accounts.key', privateKey.export({ type: 'pkcs1', format: 'pem' }));
  write(
    'kubeconfig',
    stringify(kubeconfig(address, token, join(folder, 'var-lib/kube-apiserver/apiserver.crt'))),
  );
  write('kubelet.yaml', stringify(kubelet(address, group)));
  write('kube-proxy.yaml', stringify(kubeProxy(folder)));
  write('containerd.toml', containerd(join(programs, 'usr/lib/cni'), join(folder, 'cni')));
  write('cni/10-ptp.conflist', JSON.stringify(network, undefined, 2));
}

const kubeconfig = (address, token, certificate) => ({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'isthmus',
  clusters: [
    { name: 'isthmus', cluster: { server: `https://${address}:6443`, 'certificate-authority': certificate } },
  ],
  users: [{ name: 'isthmus', user: { token } }],
  contexts: [{ name: 'isthmus', context: { cluster: 'isthmus', user: 'isthmus', namespace: 'isthmus' } }],
});

const kubelet = (address, group) => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
  authorization: { mode: 'AlwaysAllow' },
  cgroupDriver: 'cgroupfs',
  cgroupRoot: `/${group}`,
  clusterDNS: [address],
  clusterDomain: 'cluster.local',
  // What the machine looks up elsewhere is nothing to the cluster.
  resolvConf: '/dev/null',
  failSwapOn: false,
  // The machine is not ours alone: how full its disk is says nothing about the cluster.
  evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '0%', 'imagefs.available': '0%' },
  imageGCHighThresholdPercent: 100,
});

const kubeProxy = (folder) => ({
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  kind: 'KubeProxyConfiguration',
  clientConnection: { kubeconfig: join(folder, 'kubeconfig') },
  mode: 'iptables',
  clusterCIDR: '10.244.0.0/16',
  hostnameOverride: 'node',
  conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  iptables: { minSyncPeriod: '0s' },
});

const containerd = (plugins, networks) => `version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
oom_score = 0
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pause}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${plugins}"
    conf_dir = "${networks}"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
`;

/** What holds the namespaces of a pod; made by images.mjs. */
export const pause = 'docker.io/isthmus/pause:1';

const network = {
  cniVersion: '0.4.0',
  name: 'pods',
  plugins: [
    {
      type: 'ptp',
      ipMasq: true,
      ipam: {
        type: 'host-local',
        ranges: [[{ subnet: '10.244.0.0/24' }]],
        routes: [{ dst: '0.0.0.0/0' }],
        dataDir: '/var/lib/cni',
      },
    },
  ],
};

const controllers = () =>
  readdirSync(cgroups, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(cgroups, name));

/** The group below which kubelet makes those of pods, of every controller. */
function makeGroups(group) {
  for (const controller of controllers()) {
    const path = join(controller, group);
    mkdirSync(path, { recursive: true });
    for (const name of ['cpuset.cpus', 'cpuset.mems'])
      if (existsSync(join(path, name)))
        writeFileSync(join(path, name), readFileSync(join(controller, name), 'utf8'));
  }
}

async function removeGroups(group) {
  const remove = (path) => {
    for (const entry of readdirSync(path, { withFileTypes: true }))
      if (entry.isDirectory()) remove(join(path, entry.name));
    rmdirSync(path);
  };
  for (const controller of controllers())
    for (let tries = 0; existsSync(join(controller, group)) && tries < 50; tries += 1) {
      try {
        remove(join(controller, group));
      } catch {
        // Its processes are killed, and have not all gone yet.
        await sleep(200);
      }
    }
}

/** Those of a node that was interrupted while it started. */
async function removeLeftGroups() {
  const left = new Set(
    controllers()
      .flatMap((controller) => readdirSync(controller))
      .filter((name) => /^isthmus-\d+$/.test(name) && !existsSync(`/proc/${name.slice('isthmus-'.length)}`)),
  );
  for (const group of left) await removeGroups(group);
}

/** The process of a pod that runs a program, as the machine counts processes. */
function processOf(podUid, program) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(`pod${podUid}`) &&
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(program)
        );
      } catch {
        return false;
      }
    });
}

/** A node without a provisioner: two volumes, for PostgreSQL and NATS. */
function volumes(name, folder) {
  return ['a', 'b'].map((which) => {
    mkdirSync(join(folder, `${name}-${which}`), { recursive: true });
    return {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `${name}-${which}` },
      spec: {
        capacity: { storage: '5Gi' },
        accessModes: ['ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Retain',
        local: { path: `/var/lib/volumes/${name}-${which}` },
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node'] }] },
            ],
          },
        },
      },
    };
  });
}
