/** The mock provider of the benchmark, plain and, given a certificate, over TLS. A process of its own. */
import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { announce, answerCommands } from '../rig/answering.mjs';
import { noFaults } from '../wire/stamp-checker.mjs';
import { servePeer } from './peer.mjs';

const { certificate } = JSON.parse(process.argv[2] ?? '{}');
const tallies = new Map();

function tallyOf(group) {
  let tally = tallies.get(group);
  if (!tally) tallies.set(group, (tally = { faults: noFaults(), taken: 0, floodBytes: 0 }));
  return tally;
}

const serve = (socket) => servePeer(socket, tallyOf);

function listen(server, host, port = 0) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 4096 }, () => resolve(server.address().port));
  });
}

const makeTlsServer = () =>
  createTlsServer({ ...certificate, minVersion: 'TLSv1.3' }, serve).on('tlsClientError', () => {});

async function listenWithTls() {
  const port = await listen(makeTlsServer(), '127.0.0.1');
  // localhost is looked up by the contenders and may mean this one first; a machine without IPv6 does without.
  await listen(makeTlsServer(), '::1', port).catch(() => undefined);
  return port;
}

answerCommands({
  tally: ({ group }) => tallyOf(group),
  cpu: () => process.cpuUsage(),
});
const port = await listen(createServer({ allowHalfOpen: true }, serve), '127.0.0.1');
announce({ port, tlsPort: certificate ? await listenWithTls() : undefined });
