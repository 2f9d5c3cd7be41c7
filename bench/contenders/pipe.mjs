/** A bare pipe between sockets, no HTTP and no frames: the practical floor for a relay in Node, plain or with TLS behind. */
import { connect, createServer } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { listenAndEnter, readSettings } from './contender.mjs';

const { port, isTls } = readSettings();
const dial = () =>
  isTls
    ? connectTls({ host: 'localhost', port, servername: 'localhost', noDelay: true })
    : connect({ host: '127.0.0.1', port, noDelay: true });

listenAndEnter(
  createServer({ noDelay: true }, (client) => {
    const upstream = dial();
    client.pipe(upstream).pipe(client);
    client.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
    upstream.on('error', () => client.destroy()).on('close', () => client.destroy());
  }),
);
