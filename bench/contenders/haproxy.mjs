/** haproxy as a WebSocket proxy: one thread, no log. Its file goes into a folder that is given. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** @returns {string[]} the command that runs it in the foreground */
export function haproxyCommand(program, { folder, listenPort, port, openFiles }) {
  const file = join(folder, `haproxy-${listenPort}.cfg`);
  writeFileSync(
    file,
    `global
  nbthread 1
  maxconn ${Math.floor((openFiles - 500) / 2)}
defaults
  mode http
  timeout connect 5s
  timeout client 3600s
  timeout server 3600s
  timeout tunnel 3600s
frontend clients
  bind 127.0.0.1:${listenPort} backlog 4096
  default_backend upstream
backend upstream
  server one 127.0.0.1:${port}
`,
  );
  return [program, '-db', '-f', file];
}
