import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '@isthmus/testing/servers';
import { startEngine, whyNot } from '../../docker/lane/engine.mjs';
import { images as below, provideImages } from '../../docker/lane/stand-ins.mjs';
import { pause } from '../kubernetes/node.mjs';

const run = promisify(execFile);

/** The commit of the last release, whose image and manifests an upgrade starts from. */
const lastRelease = () =>
  JSON.parse(readFileSync(join(root, 'tools/upgrade/last-release.json'), 'utf8')).commit;

/** The tags of what the lane deploys: this checkout twice, and what was released last. */
export const tags = { first: 'lane-1', second: 'lane-2', last: 'last' };

/**
 * The sources of the last release, in a folder.
 * @returns {Promise<{folder: string, commit: string}>}
 */
export async function sourcesOfLastRelease() {
  const folder = join(root, '.local', 'last-release');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const archive = `${folder}.tar`;
  const commit = lastRelease();
  await run('git', ['archive', '--output', archive, commit], { cwd: root }).catch(() => {
    throw new Error(`Commit ${commit}, the last release, is not in this clone; fetch all of its history.`);
  });
  await run('tar', ['-C', folder, '-xf', archive]);
  rmSync(archive);
  return { folder, commit };
}

/**
 * Builds the image of this checkout and that of the last release, and writes them with those of PostgreSQL and NATS into an archive.
 * @param {{archive: string, manifests: object[], release: {folder: string, commit: string}, docker: boolean, say: (line: string) => void}} wanted
 *   manifests say which servers there are; docker builds, where kind needs it anyway, and otherwise podman
 */
export async function makeImages({ archive, manifests, release, docker, say }) {
  const reason = docker ? undefined : await whyNot();
  if (reason) throw new Error(`No image can be built: ${reason}.`);
  const engine = docker ? await dockerEngine() : await podmanEngine(say);
  try {
    say(`Images are built on ${await provideImages(engine)}.`);
    await build(engine, root, tags.first, 'lane');
    await build(engine, root, tags.second, 'lane, once more');
    await build(engine, release.folder, tags.last, release.commit);
    const names = [...Object.values(tags).map(imageOf), ...(await nameServers(engine, manifests))];
    if (!docker) names.push(await makePause(engine));
    rmSync(archive, { force: true });
    await engine.podman(['save', ...engine.saving, '--output', archive, ...names]);
  } finally {
    await engine.stop();
  }
}

const imageOf = (tag) => `docker.io/library/isthmus:${tag}`;

async function podmanEngine(say) {
  const { stdout: cache } = await run('npm', ['config', 'get', 'cache'], { cwd: '/' });
  const building = ['--format', 'docker', '--layers', '--volume', `${cache.trim()}:/root/.npm`];
  return { ...(await startEngine(say)), building, saving: ['--multi-image-archive'] };
}

/** The same of Docker; our own images are removed from it afterwards. */
async function dockerEngine() {
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-images-'));
  const docker = async (args) =>
    (await run('docker', args, { cwd: root, maxBuffer: 64 * 1024 * 1024 })).stdout.trim();
  return {
    folder,
    podman: docker,
    aloud: docker,
    building: [],
    saving: [],
    async stop() {
      await docker(['image', 'rm', '--force', ...Object.values(tags).map(imageOf)]).catch(() => undefined);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function build({ aloud, building }, context, tag, revision) {
  await aloud([
    ...['build', '--network', 'host', '--quiet', ...building],
    ...['-f', join(context, 'tools/docker/Dockerfile'), '-t', imageOf(tag)],
    ...['--build-arg', `BASE=${below.node}`, '--build-arg', `REVISION=${revision}`, context],
  ]);
}

/** The manifests may ask for a server by a more exact tag than docker-compose.yml. */
async function nameServers({ podman }, manifests) {
  const asked = manifests
    .filter(({ kind }) => kind === 'StatefulSet')
    .flatMap(({ spec }) => spec.template.spec.containers.map(({ image }) => image));
  return Promise.all(
    asked.map(async (image) => {
      const name = `docker.io/library/${image}`;
      const known = below[image.split(':')[0]];
      if (!known) throw new Error(`Nothing provides the image ${image}.`);
      if (known !== name) await podman(['tag', known, name]);
      return name;
    }),
  );
}

/** What holds the namespaces of a pod and does nothing: a sleeping busybox. */
async function makePause({ podman, folder }) {
  const [unpacked, made] = ['unpacked', 'pause'].map((name) => join(folder, name));
  await run(join(root, 'tools/cluster/unpack-debian.sh'), [unpacked, 'bookworm', 'busybox-static']);
  mkdirSync(join(made, 'bin'), { recursive: true });
  cpSync(join(unpacked, 'bin/busybox'), join(made, 'bin/sleep'));
  await run('tar', ['-C', made, '--owner=0', '--group=0', '-cf', `${made}.tar`, '.']);
  await podman(['import', '--change', 'ENTRYPOINT ["/bin/sleep","2000000000"]', `${made}.tar`, pause]);
  return pause;
}
