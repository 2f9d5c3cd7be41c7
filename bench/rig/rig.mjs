/** The set-up of a run: upstream, load generator and contenders, and what the sections do with them. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createDevelopmentToken } from '@voxproxy/server';
import { FAULTS, noFaults } from '../wire/stamp-checker.mjs';
import { makeCertificate } from './certificate.mjs';
import { startChild } from './children.mjs';
import { startContender } from './contender-processes.mjs';
import { chooseCores, pinned } from './cores.mjs';
import { mostOpenFiles } from './machine.mjs';

const USERS = 64;
const PROBE_MS = 3_000;
const WARM_SESSIONS = 20;
const WARM_MS = 3_000;
const programOf = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

function makeTokens(secret) {
  const users = Array.from({ length: USERS }, (_, index) => `user-${index}`);
  return Promise.all(users.map((sub) => createDevelopmentToken({ secret, sub })));
}

function startPart(path, core, settings = {}) {
  const command = [process.execPath, programOf(path), JSON.stringify(settings)];
  return startChild(pinned(core, command));
}

export async function openRig() {
  const folder = mkdtempSync(join(tmpdir(), 'voxproxy-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const cores = chooseCores();
  const certificate = makeCertificate(folder);
  const upstream = startPart('upstream/main.mjs', cores?.upstream, { certificate });
  const load = startPart('load/main.mjs', cores?.load);
  const [{ port, tlsPort }] = await Promise.all([upstream.ready, load.ready]);
  const secret = randomBytes(32).toString('hex');
  const facts = { folder, cores, certificate, secret, upstreamPort: port, upstreamTlsPort: tlsPort };
  return new Rig({ ...facts, upstream, load, openFiles: mostOpenFiles(), tokens: await makeTokens(secret) });
}

class Rig {
  #nextGroup = 1;

  constructor(parts) {
    Object.assign(this, parts);
  }

  /** A contender that has shown that it relays; absent or failed otherwise. */
  async start(name, { isWarm = true } = {}) {
    const contender = await startContender(name, this);
    if (!contender.port) return contender;
    const failed = await this.#probe(contender);
    if (!failed) {
      if (isWarm) await this.#warmUp(contender);
      return contender;
    }
    contender.child.end();
    // Session mode falls away where the server does not answer with a hello; everything else must work.
    return contender.definition.wish?.isSession
      ? { name, absent: `no session mode yet (${failed})` }
      : { ...contender, port: undefined, failed };
  }

  async #probe(contender) {
    const group = await this.group(contender, { up: 640, down: 1920 });
    const { refusal } = await group.open(1, PROBE_MS);
    const taken = refusal ? 0 : await group.ask('exchange', { rounds: 1, limitMs: PROBE_MS });
    const { note } = await group.close();
    return taken === 1 ? undefined : refusal || note || 'no answer to the first message';
  }

  /** Lets code be compiled and the heap grow before anything is measured. */
  async #warmUp(contender) {
    const group = await this.group(contender, { up: 640, down: 1920 });
    await group.open(WARM_SESSIONS);
    await this.loadGroups([group], { warmMs: WARM_MS, windowMs: 1 });
    await group.close();
  }

  /** Loads groups at the same time; see load/exchange.mjs. */
  loadGroups(groups, how) {
    const pids = groups.map(({ contender }) => contender.pids);
    const ids = groups.map(({ id }) => id);
    return this.load.ask('load', { ids, pids, upstreamPid: this.upstream.pid, ...how });
  }

  /** The upstream itself, reached without anything between: what the rig alone costs. */
  get direct() {
    const { upstream, upstreamPort: port } = this;
    return { name: 'direct', definition: {}, port, child: upstream, pids: [upstream.pid] };
  }

  /** Clients of one contender, to be opened. @param wish `{ up, down, flood }` in bytes */
  async group(contender, wish) {
    const id = this.#nextGroup++;
    const { definition, port } = contender;
    const tokens = definition.hasToken ? this.tokens : undefined;
    await this.load.ask('prepare', { id, port, tokens, wish: { ...wish, ...definition.wish } });
    return new RigGroup(this, id, contender);
  }
}

class RigGroup {
  #rig;

  constructor(rig, id, contender) {
    this.#rig = rig;
    this.id = id;
    this.contender = contender;
  }

  open(count, limitMs = 20_000) {
    return this.ask('open', { count, limitMs }, limitMs + 10_000);
  }

  ask(command, question = {}, limitMs = 60_000) {
    return this.#rig.load.ask(command, { id: this.id, ...question }, limitMs);
  }

  tally() {
    return this.#rig.upstream.ask('tally', { group: this.id });
  }

  /** @returns what went wrong at either end since the beginning */
  async faults() {
    const [{ faults, note }, tally] = await Promise.all([this.ask('faults'), this.tally()]);
    const sums = FAULTS.map((fault) => [fault, faults[fault] + tally.faults[fault]]);
    const { child } = this.contender;
    return {
      faults: Object.fromEntries(sums),
      note: child.isAlive ? note : child.lastWords,
    };
  }

  async close() {
    const outcome = await this.faults();
    await this.ask('close');
    return outcome;
  }
}

/** Faults of several groups as one. */
export function addFaults(outcomes) {
  const faults = noFaults();
  for (const outcome of outcomes) for (const fault of FAULTS) faults[fault] += outcome.faults[fault];
  return { faults, note: outcomes.map(({ note }) => note).find(Boolean) ?? '' };
}
