import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Files of a server's certificate, for specs of encrypted connections. */
export interface TestCertificates {
  /** Who signed it. */
  ca: string;
  /** Who did not. */
  strangersCa: string;
  cert: string;
  key: string;
  remove(): Promise<void>;
}

/** A certificate for 127.0.0.1 (not for `localhost`), made by openssl for this spec alone; it is good for a day. */
export async function testCertificates(): Promise<TestCertificates> {
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-certificates-'));
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];
  const authority = (name: string) =>
    openssl(
      ...['req', '-x509', ...newKey, '-days', '1', '-subj', `/CN=${name}`],
      ...['-keyout', `${name}.key`, '-out', `${name}.pem`],
    );
  await Promise.all([authority('ca'), authority('stranger')]);
  await openssl('req', ...newKey, '-subj', '/CN=server', '-keyout', 'server.key', '-out', 'server.csr');
  await writeFile(at('names'), 'subjectAltName=IP:127.0.0.1\n');
  await openssl(
    ...['x509', '-req', '-in', 'server.csr', '-days', '1', '-extfile', 'names'],
    ...['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-out', 'server.pem'],
  );
  return {
    ca: at('ca.pem'),
    strangersCa: at('stranger.pem'),
    cert: at('server.pem'),
    key: at('server.key'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
