// The identity provider and the key rings of a local composition: writes them into ISTHMUS_LOCAL_DIR, prints tokens, ends.
import { localIssuer, secretRings } from '../start/local-keys.mjs';

secretRings();
const { tokens } = await localIssuer();
process.stdout.write(`${JSON.stringify({ tokens: await tokens() }, null, 2)}\n`);
