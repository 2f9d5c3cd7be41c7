/** nginx as a WebSocket proxy: one worker, no access log. Its files go into a folder that is given. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

const toUpstream = ({ port, tls }) =>
  tls
    ? `proxy_pass https://127.0.0.1:${port};
      proxy_ssl_protocols TLSv1.3;
      proxy_ssl_name localhost;
      proxy_ssl_server_name on;
      proxy_ssl_verify on;
      proxy_ssl_trusted_certificate ${tls.file};`
    : `proxy_pass http://127.0.0.1:${port};`;

/** @returns {string[]} the command that runs it in the foreground */
export function nginxCommand(program, { folder, listenPort, port, tls, openFiles }) {
  const file = join(folder, `nginx-${listenPort}.conf`);
  const isRoot = process.getuid?.() === 0;
  writeFileSync(
    file,
    `daemon off;
worker_processes 1;
${isRoot ? 'user root;' : ''}
pid ${folder}/nginx-${listenPort}.pid;
error_log ${folder}/nginx-${listenPort}.error warn;
worker_rlimit_nofile ${openFiles};
events { worker_connections ${openFiles - 100}; }
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name}-${listenPort};`).join('\n  ')}
  server {
    listen 127.0.0.1:${listenPort} backlog=4096;
    location / {
      ${toUpstream({ port, tls })}
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection upgrade;
      proxy_set_header Host $host;
      proxy_read_timeout 3600s;
      proxy_send_timeout 3600s;
    }
  }
}
`,
  );
  return [program, '-c', file, '-e', join(folder, `nginx-${listenPort}.start`)];
}
