/** @file Whether the server in this container is ready: exits with 0 or 1. In place of curl, which the image has not. */
const { COPYDESK_PORT: port = '8000' } = process.env;
const ready = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(4_000) }).then(
  ({ ok }) => ok,
  () => false,
);
process.exit(ready ? 0 : 1);
