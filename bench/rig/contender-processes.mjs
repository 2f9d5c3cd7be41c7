/** Starts contenders, each in a process of its own on the contenders' core, and waits until it listens. */
import { createConnection, createServer } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { contenders } from '../contenders.mjs';
import { childrenOf, startChild } from './children.mjs';
import { pinned } from './cores.mjs';
import { findTool } from './find-tool.mjs';

const folder = fileURLToPath(new URL('../contenders/', import.meta.url));

/**
 * @param {string} name
 * @param rig see rig.mjs
 * @returns a contender: `{ name, child, port, pids, definition }`, or `{ name, absent }` with the reason
 */
export async function startContender(name, rig) {
  const definition = contenders[name];
  const upstreamPort = definition.isTls ? rig.upstreamTlsPort : rig.upstreamPort;
  if (!upstreamPort) return { name, absent: 'there is no openssl to make a certificate with' };
  const started = definition.script
    ? await startScript(definition, upstreamPort, rig)
    : await startProgram(definition, upstreamPort, rig);
  return { name, definition, ...started };
}

async function startScript({ script, isTls, settings }, port, { cores, certificate, secret }) {
  const told = JSON.stringify({ port, isTls, secret, ...settings });
  const command = [process.execPath, '--expose-gc', `${folder}${script}.mjs`, told];
  const env = certificate ? { NODE_EXTRA_CA_CERTS: certificate.file } : {};
  const child = startChild(pinned(cores?.contender, command), { env });
  try {
    const ready = await child.ready;
    if (ready.absent) child.end();
    return ready.absent ? { absent: ready.absent } : { child, port: ready.port, pids: [child.pid] };
  } catch (error) {
    child.end();
    return { child, failed: error.message };
  }
}

async function startProgram({ program, command, isTls }, port, rig) {
  const path = findTool(program);
  if (!path) return { absent: 'is not installed' };
  const listenPort = await freePort();
  const facts = { folder: rig.folder, listenPort, port, openFiles: rig.openFiles };
  const words = command(path, { ...facts, tls: isTls ? rig.certificate : undefined });
  const child = startChild(pinned(rig.cores?.contender, words), { hasChannel: false });
  if (!(await doesListen(listenPort, child))) {
    child.end();
    return { child, failed: `does not listen: ${child.complaint.trim().split('\n').at(-1)}` };
  }
  return { child, port: listenPort, pids: [child.pid, ...childrenOf(child.pid)] };
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function doesListen(port, child, limitMs = 5_000) {
  const deadline = performance.now() + limitMs;
  while (child.isAlive && performance.now() < deadline) {
    if (await canConnect(port)) return true;
    await after(50);
  }
  return false;
}

function canConnect(port) {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    const settle = (isThere) => () => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', settle(true)).once('error', settle(false));
  });
}
