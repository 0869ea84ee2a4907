// The keys, key rings and client secrets of a local composition: writes them into ISTHMUS_LOCAL_DIR, prints tokens of OIDC_ISSUER, ends.
import { paths, writePrivate } from '../start/local-folder.mjs';
import { clientSecrets, localIssuer, secretRings } from '../start/local-keys.mjs';

secretRings();
writePrivate(paths.consoleSecret, clientSecrets().console);
const { tokens } = await localIssuer(process.env.OIDC_ISSUER);
process.stdout.write(`${JSON.stringify({ tokens: await tokens() }, null, 2)}\n`);
