/**
 * The boundaries of the code as data: who may import what, who alone may use what, how long files may be, which names
 * are not used. scripts/check-boundaries.mjs reads it; no rule is decided here.
 *
 * A path that ends in `/` stands for everything below it. A file belongs to the row with the longest path that fits it.
 */

/** What nearly every part may use. */
const leaves = ['contract/', 'errors.ts', 'clock.ts', 'stop-signal.ts', 'gathered-bytes.ts'];

/** The parts of the server that a session is made of, in the order of their rows below. */
const parts = [...leaves, 'frames/', 'leg/', 'observability/', 'auth/', 'limits/', 'upstream/'];
const sessionParts = [...parts, 'relay/', 'usage/'];
const assembled = [...sessionParts, 'session/', 'http/', 'options.ts', 'version.ts'];

/**
 * Per package: `files` what the row is about; `may` own modules it may import; `types` those it may import as types only;
 * `packages` third-party packages; `builtins` whether Node's own modules are free; `own: false` forbids imports between
 * the files of the row.
 */
export const importTable = [
  {
    root: 'packages/server/src/',
    builtins: true,
    rows: [
      { files: ['contract/'], builtins: false },
      {
        files: ['clock.ts', 'stop-signal.ts', 'gathered-bytes.ts', 'version.ts', 'leg/leg.ts'],
        builtins: false,
        own: false,
      },
      { files: ['errors.ts'], may: ['contract/'] },
      { files: ['frames/'], may: ['contract/'], types: ['leg/leg.ts'] },
      {
        files: ['leg/'],
        may: ['leg/leg.ts', 'leg/leg-socket.ts', 'leg/read-buffer.ts', 'contract/', 'frames/'],
        packages: ['ws'],
        own: false,
      },
      {
        files: ['observability/'],
        may: ['contract/', 'errors.ts'],
        packages: ['pino', 'prom-client', '@opentelemetry/api'],
      },
      {
        files: ['auth/'],
        may: leaves,
        types: ['limits/store.ts'],
        packages: ['jose', 'ipaddr.js'],
      },
      { files: ['limits/'], may: leaves, packages: ['ioredis'] },
      {
        files: ['upstream/'],
        may: [...leaves, 'leg/'],
        types: ['relay/judge.ts'],
        packages: ['ws', 'ipaddr.js'],
      },
      { files: ['relay/'], may: ['contract/', 'errors.ts', 'gathered-bytes.ts', 'leg/'] },
      { files: ['usage/'], may: leaves, packages: ['@libsql/client', 'pg'] },
      { files: ['session/'], may: sessionParts, packages: ['ws'] },
      {
        files: ['http/'],
        may: [
          ...[...leaves, 'auth/', 'limits/', 'usage/', 'observability/'],
          ...[
            ...[
              'secret',
              'secret-sources',
              'preset',
              'dialect',
              'http-url',
              'mount',
              'http-api',
              'http-api-check',
              'provider-key',
              'query-rules',
            ],
            ...['route-table', 'url-template', 'create-route'],
            ...['policy/compile', 'policy/path', 'policy/read-message', 'policy/key-guard'],
          ].map((name) => `upstream/${name}.ts`),
          'upstream/presets/',
        ],
        types: [
          'session/registry.ts',
          'upstream/http-call.ts',
          'upstream/key-ring.ts',
          'upstream/keyed-call.ts',
        ],
        packages: ['cors', 'busboy'],
      },
      {
        files: ['options.ts'],
        may: [...leaves, 'upstream/breaker-options.ts'],
        types: [...sessionParts, 'session/', 'http/'],
        packages: ['zod'],
      },
      { files: ['voice-proxy.ts'], may: assembled },
      { files: ['index.ts'], may: [...assembled, 'voice-proxy.ts'] },
      { files: ['testing/'], may: ['contract/'], packages: ['ws'] },
      { files: ['cli/'], may: ['index.ts', 'options.ts', 'version.ts', 'testing/'] },
    ],
  },
  {
    root: 'packages/client/src/',
    builtins: false,
    rows: [
      { files: ['contract.ts'], packages: ['@voxproxy/server/contract'] },
      {
        files: ['connection/'],
        may: ['contract.ts', 'errors.ts', 'token/token-placement.ts'],
        types: ['token/', 'options.ts'],
        packages: ['isomorphic-ws', 'eventemitter3'],
      },
      { files: ['audio/'], may: ['errors.ts'], packages: ['eventemitter3'] },
      { files: ['./'], may: ['./'], packages: ['eventemitter3'] },
    ],
  },
  {
    root: 'packages/react/src/',
    builtins: false,
    rows: [{ files: ['./'], may: ['./'], packages: ['@voxproxy/client', 'react'] }],
  },
];

/** Imported only by these: parts are given plain values. */
export const importedOnlyBy = [
  {
    file: 'packages/server/src/options.ts',
    by: ['voice-proxy.ts', 'index.ts', 'cli/'].map((path) => `packages/server/src/${path}`),
    todo: 'pass the values it needs as arguments',
  },
];

const server = (...paths) => paths.map((path) => `packages/server/src/${path}`);
const client = (...paths) => paths.map((path) => `packages/client/src/${path}`);
const sources = ['packages/'];

/** The files of session/ that face an upgrade; the rest of a session sees legs. */
const atTheUpgrade = server(
  ...[
    'upgrade',
    'upgrade-hub',
    'decline-upgrade',
    'entrance',
    'visit',
    'accept',
    'ws-accept',
    'http-refusal',
  ].map((name) => `session/${name}.ts`),
);

/** The hosts of the providers that presets are for. */
export const providerHosts =
  /\b(deepgram|openai|elevenlabs|assemblyai|speechmatics|hume|cartesia|gladia|soniox|inworld|anthropic|claude|x)\.(com|ai|io|co)\b|\b(azure|microsoft|googleapis)\.com\b/i;

/**
 * What has a single owner. `uses` are names used as values, `modules` imported modules, `strings` literal text.
 * `where` is where the rule looks, `owners` where the thing may stand. Tests are free unless `tests` says otherwise.
 */
export const singleOwners = [
  {
    rule: 'owner/provider-host',
    where: ['packages/', 'e2e/'],
    owners: server('upstream/presets/'),
    tests: true,
    strings: providerHosts,
    todo: 'take the address from a preset',
  },
  {
    rule: 'owner/reveal',
    where: sources,
    owners: server(
      'upstream/secret.ts',
      'upstream/dial.ts',
      'upstream/http-call.ts',
      'upstream/policy/server-value.ts',
      'http/passthrough.ts',
      'http/ephemeral.ts',
    ),
    calls: /\.reveal$/,
    todo: 'hand the Secret on; only the files that call a provider reveal it',
  },
  {
    rule: 'owner/ws',
    where: server(''),
    owners: server('leg/', 'upstream/ws-dial.ts', 'session/ws-accept.ts', 'testing/'),
    modules: /^ws$/,
    todo: 'work on a Leg',
  },
  {
    rule: 'owner/node-http',
    where: server(''),
    owners: [
      ...atTheUpgrade,
      ...server('upstream/http-call.ts', 'http/', 'voice-proxy.ts', 'cli/', 'testing/'),
    ],
    modules: /^(node:)?https?$/,
    todo: 'take the plain values you need (a path, a header) as arguments',
  },
  {
    rule: 'owner/time',
    where: sources,
    owners: [
      ...server('clock.ts', 'testing/'),
      ...client('connection/scheduler.ts', 'audio/audio-context.ts', 'audio/worklets/', 'testing/'),
    ],
    uses: /^(set(Timeout|Interval|Immediate)|clear(Timeout|Interval|Immediate)|Date\.now|new Date\(\)|performance\.now|AbortSignal\.timeout)$/,
    modules: /^(node:)?(timers|perf_hooks)(\/|$)/,
    todo: 'use the clock (server) or the scheduler (client) you are given',
  },
  {
    rule: 'owner/environment',
    where: sources,
    owners: server('cli/config.ts'),
    uses: /^process\.env$/,
    todo: 'take the value as an option',
  },
  {
    rule: 'owner/exit',
    where: sources,
    owners: server('cli/main.ts'),
    uses: /^process\.(exit|abort|kill|on\(signal\))$/,
    todo: 'throw or return; cli/main.ts decides when the process ends',
  },
  {
    rule: 'owner/process-module',
    where: sources,
    owners: server('cli/'),
    modules: /^(node:)?(process|console)$/,
    todo: 'use the global where it is allowed',
  },
  {
    rule: 'owner/console',
    where: sources,
    owners: server('observability/log.ts', 'cli/'),
    uses: /^console$/,
    todo: 'use the log you are given',
  },
  {
    rule: 'owner/browser-socket',
    where: [...client(''), 'packages/react/src/'],
    owners: client('connection/browser-websocket.ts', 'testing/'),
    uses: /^WebSocket$|^new WebSocket\(/,
    todo: 'take the constructor from #websocket',
  },
  {
    rule: 'owner/navigator',
    where: [...client(''), 'packages/react/src/'],
    owners: client('connection/network.ts', 'audio/', 'testing/'),
    uses: /^navigator$/,
    todo: 'ask connection/network.ts',
  },
  {
    rule: 'owner/audio',
    where: [...client(''), 'packages/react/src/'],
    owners: client('audio/', 'testing/'),
    uses: /^(Offline)?AudioContext$|^AudioWorklet(Node|Processor)$|\.getUserMedia$/,
    todo: 'use @voxproxy/client/audio',
  },
];

/** Packages that at most one file of a package may import, so that the others stay neutral. */
export const singleImporters = [{ root: 'packages/client/src/', module: 'isomorphic-ws' }];

/** Close numbers belong to the contract. `always` are close numbers wherever they stand, `inContext` only near a close. */
export const closeNumbers = {
  where: ['packages/', 'e2e/specs/', 'e2e/support/'],
  owners: server('contract/'),
  always: (value) => value >= 1001 && value <= 1015,
  inContext: (value) => value === 1000 || (value >= 4000 && value <= 4999),
  /** Numbers that only a foreign peer sends: tests and scripted upstreams need them to play that peer; the tests of the
   * latter need any number. */
  foreign: (value) => ![1000, 1002, 1003, 1007, 1008, 1009, 1011, 1012, 1013].includes(value),
  playForeign: server('testing/'),
};

/** Lines that are neither blank nor comment. Longest file and function are lint rules, see .oxlintrc.json. */
export const lengths = { median: 80, ninetiethPercentile: 200, testBody: 30 };
export const measured = [
  'packages/server/src/',
  'packages/client/src/',
  'packages/react/src/',
  'e2e/',
  'scripts/',
  'bench/',
];

/** Words that say nothing of what a file does. */
export const emptyWords =
  /^(utils?|helpers?|commons?|misc|managers?|services?|handlers?|data|infos?|shared|stuff|lib)$/;
