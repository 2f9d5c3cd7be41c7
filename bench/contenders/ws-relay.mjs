/** The relay that people write with `ws`: dials on connection, keeps early messages, forwards messages and closes. No checks. */
import { WebSocket, WebSocketServer } from 'ws';
import { enter, readSettings } from './contender.mjs';

const { port } = readSettings();
/** Codes that may be sent; the others only stand for the lack of one (RFC 6455 7.4.1). */
const mayBeSent = (code) => code === 1000 || (code >= 3000 && code <= 4999);

function forward(from, to) {
  const early = [];
  from.on('message', (message, isBinary) => {
    if (to.readyState === WebSocket.OPEN) to.send(message, { binary: isBinary });
    else if (to.readyState === WebSocket.CONNECTING) early.push([message, isBinary]);
  });
  to.on('open', () => {
    for (const [message, isBinary] of early.splice(0)) to.send(message, { binary: isBinary });
  });
  from.on('close', (code, reason) => to.close(mayBeSent(code) ? code : 1000, reason));
  from.on('error', () => to.close());
}

const server = new WebSocketServer({
  ...{ host: '127.0.0.1', port: 0, backlog: 4096 },
  ...{ perMessageDeflate: false, maxPayload: 134_217_728 },
});
server.on('connection', (client, request) => {
  const upstream = new WebSocket(`ws://127.0.0.1:${port}${request.url}`, {
    perMessageDeflate: false,
    maxPayload: 134_217_728,
  });
  forward(client, upstream);
  forward(upstream, client);
});
server.on('listening', () => enter(server.address().port));
