/** Waits until the server says so on stderr; its last words are in the error when it dies first. The pipe is drained for ever after. */
export function whenReady(server, sign, name) {
  return new Promise((resolve, reject) => {
    let heard = '';
    server.stderr.on('data', (chunk) => {
      if (heard === undefined) return;
      heard = (heard + chunk).slice(-4000);
      if (sign.test(heard)) {
        heard = undefined;
        resolve();
      }
    });
    server.once('error', reject);
    server.once('exit', (code) =>
      reject(new Error(`${name} ended before it was ready (exit ${code}):\n${heard}`)),
    );
  });
}
