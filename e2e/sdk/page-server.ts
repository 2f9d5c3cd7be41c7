/** Serves the pages of pages/ on an origin of their own, which is not the proxy's. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bundlePage } from './bundle.ts';
import type { PageSettings } from './pages/page.ts';

export interface PageServer {
  /** Without a slash at the end. */
  readonly origin: string;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';

/** `settings` is asked for with every page. */
export async function startPageServer(settings: () => PageSettings): Promise<PageServer> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://page').pathname;
    const [, name = '', ending = ''] = /^\/([a-z-]+)(\.js)?$/.exec(path) ?? [];
    if (name === '') return void response.writeHead(404).end();
    if (ending === '') return send(response, 'text/html', htmlOf(name, settings()));
    bundlePage(name).then(
      (script) => send(response, 'text/javascript', script),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  return {
    origin: `http://${HOST}:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function send(response: ServerResponse, type: string, body: string): void {
  response.writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' });
  response.end(body);
}

const htmlOf = (name: string, settings: PageSettings): string => `<!doctype html>
<html lang="en">
  <title>${name}</title>
  <link rel="icon" href="data:," />
  <script type="application/json" id="settings">${JSON.stringify(settings)}</script>
  <ol id="lines"></ol>
  <script type="module" src="/${name}.js"></script>
</html>
`;
