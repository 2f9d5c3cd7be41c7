/** http-proxy-3, the kept-up successor of http-proxy: an HTTP upgrade, then a pipe. */
import { createServer } from 'node:http';
import { createProxyServer } from 'http-proxy-3';
import { listenAndEnter, readSettings } from './contender.mjs';

const { port } = readSettings();
const proxy = createProxyServer({ target: `http://127.0.0.1:${port}`, ws: true });
proxy.on('error', (_error, _request, socket) => socket?.destroy?.());
const server = createServer((_request, response) => response.writeHead(404).end());
server.on('upgrade', (request, socket, head) => {
  socket.on('error', () => socket.destroy());
  proxy.ws(request, socket, head);
});
listenAndEnter(server);
