// The health check of a container: exits with 0 when the program in it is ready. An argument says where it answers otherwise.
const path = process.argv[2] ?? '/healthz/ready';
const response = await fetch(`http://127.0.0.1:${process.env.PORT}${path}`, {
  signal: AbortSignal.timeout(2_500),
}).catch((error) => ({ ok: false, status: String(error.cause ?? error) }));
if (!response.ok) process.stderr.write(`${path}: ${response.status}\n`);
process.exit(response.ok ? 0 : 1);
