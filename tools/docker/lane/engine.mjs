import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { root } from '@isthmus/testing/servers';

const execute = promisify(execFile);

/**
 * Why this machine can run no containers; undefined when it can. Nothing is installed here.
 * @returns {Promise<string | undefined>}
 */
export async function whyNot() {
  if (process.arch !== 'x64') return `the lane is for x64, not ${process.arch}`;
  if (process.getuid?.() !== 0) return 'podman would need root for its networks';
  try {
    await execute('podman', ['--version']);
    return undefined;
  } catch {
    return 'podman is not installed (apt-get install podman runc netavark aardvark-dns iptables)';
  }
}

/** Settings under which podman works without systemd, on cgroups of either version, and as somebody with few rights. */
const containersConf = `[containers]
default_ulimits = ["nofile=20000:20000", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
compat_api_enforce_docker_hub = false
`;

/**
 * podman with images, containers and networks of its own, below one folder: what others run is not touched, and nothing is left.
 * @param {(line: string) => void} say
 */
export async function startEngine(say) {
  const folder = join(root, '.local', 'podman');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const conf = join(folder, 'containers.conf');
  writeFileSync(conf, containersConf);
  // A path of a socket may be no longer than 107 characters, which one below a checkout may well be.
  const runtime = `/run/isthmus-podman-${process.pid}`;
  mkdirSync(runtime, { recursive: true });
  const socket = join(runtime, 'podman.sock');
  const own = [
    ...[
      '--root',
      join(folder, 'storage'),
      '--runroot',
      join(runtime, 'run'),
      '--tmpdir',
      join(runtime, 'tmp'),
    ],
    ...['--network-config-dir', join(folder, 'networks')],
  ];
  const env = { ...process.env, CONTAINERS_CONF: conf };

  /** @returns {Promise<string>} what it says */
  const podman = async (args, options = {}) => {
    const { stdout } = await execute('podman', [...own, ...args], {
      env,
      maxBuffer: 64 * 1024 * 1024,
      ...options,
    });
    return stdout.trim();
  };
  /** With everything it says in front of the user. */
  const aloud = (args) =>
    new Promise((resolve, reject) => {
      const child = spawn('podman', [...own, ...args], {
        env,
        cwd: root,
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      child.once('error', reject);
      child.once('close', (code) =>
        code === 0 ? resolve() : reject(new Error(`podman ${args[0]} ended with ${code}`)),
      );
    });

  let service;
  let checking = false;
  /** Docker's API, for Compose and testcontainers. */
  async function serve() {
    service = spawn('podman', [...own, 'system', 'service', '--time=0', `unix://${socket}`], {
      env,
      stdio: 'ignore',
    });
    for (let tries = 0; !existsSync(socket); tries += 1) {
      if (tries > 100) throw new Error('podman does not serve its API.');
      await sleep(100);
    }
    // Without systemd podman never runs health checks by itself, and Compose would wait for them for ever.
    checking = true;
    void (async () => {
      while (checking) {
        const names = await podman(['ps', '--filter', 'health=starting', '--format', '{{.Names}}']).catch(
          () => '',
        );
        await Promise.all(
          names
            .split('\n')
            .filter(Boolean)
            .map((name) => podman(['healthcheck', 'run', name]).catch(() => undefined)),
        );
        await sleep(1_000);
      }
    })();
    return `unix://${socket}`;
  }

  const soon = { timeout: 120_000, killSignal: 'SIGKILL' };
  /** Ends and removes every container. */
  async function clear() {
    // One that shares the network of another holds it, and one that was being made when this began comes later.
    for (let tries = 0; tries < 5; tries += 1) {
      await podman(['rm', '--all', '--force', '--time', '2'], soon).catch((error) => say(error.message));
      if ((await podman(['ps', '--all', '--quiet'], soon).catch(() => 'unknown')) === '') break;
    }
  }

  async function stop() {
    checking = false;
    await clear();
    await podman(['network', 'prune', '--force'], soon).catch((error) => say(error.message));
    service?.kill('SIGKILL');
    // `podman system reset` was seen to wait for ever: what is left are mounts and files below these folders.
    const mounts = readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[1] ?? '')
      .filter((path) => path.startsWith(folder) || path.startsWith(runtime));
    for (const path of mounts.reverse()) await execute('umount', ['--lazy', path]).catch(() => undefined);
    rmSync(folder, { recursive: true, force: true });
    rmSync(runtime, { recursive: true, force: true });
  }

  return { podman, aloud, serve, clear, stop, folder };
}
