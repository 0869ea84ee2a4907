// The identity provider and the key ring of a local composition: writes them into ISTHMUS_LOCAL_DIR, prints tokens, ends.
import { localIssuer, secretRingFile } from '../start/local-keys.mjs';

secretRingFile();
const { tokens } = await localIssuer();
process.stdout.write(`${JSON.stringify({ tokens: await tokens() }, null, 2)}\n`);
