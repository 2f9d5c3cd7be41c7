/**
 * Which tests stand for which abuse case, 72 to 97. A row of `tests` is a file below packages/server and the beginnings of
 * full names; each must be met by a test that ran. `missing` says what of a case no test tries; `notBuilt`, why none could.
 */
const bothLegs = (...starts) => forBoth('legs of', starts);
const dials = (...starts) => forBoth('a dial for legs that pass', starts);
const forBoth = (group, starts) =>
  ['bytes', 'messages'].flatMap((legs) => starts.map((start) => `${group} ${legs} ${start}`));

const POLICIES = 'test/abuse/policies.test.ts';
const HOOKS = 'test/abuse/hooks.test.ts';
const EARLY = 'test/abuse/early-leavers.test.ts';
const LATE = 'test/abuse/late-leavers.test.ts';
const FLOODS = 'test/abuse/floods.test.ts';
const NAMES = 'test/abuse/names.test.ts';
const REFUSALS = 'test/abuse/upstream-refusals.test.ts';
const CLOSES = 'test/abuse/upstream-closes.test.ts';
const OPEN = 'src/upstream/open-upstream.test.ts';
const BAD_APIS = 'test/http/bad-upstreams.test.ts';

export const SECURITY_CASES = [
  {
    number: 72,
    tries: 'JSON that two parsers could read differently',
    tests: [
      [POLICIES, ...bothLegs('72:')],
      ['src/upstream/policy/canonical.test.ts', 'isCanonical'],
      ['src/upstream/policy/read-message.test.ts', 'readMessage'],
    ],
  },
  { number: 73, tries: 'a message type that is not allowed', tests: [[POLICIES, ...bothLegs('73:')]] },
  {
    number: 74,
    tries: 'locked fields, in any message and spelling',
    tests: [[POLICIES, ...bothLegs('74: write', '74: let nothing')]],
  },
  { number: 75, tries: 'another model inside a message', tests: [[POLICIES, ...bothLegs('75:')]] },
  {
    number: 76,
    tries: 'roles and tool results that are not the client’s',
    tests: [
      [POLICIES, ...bothLegs('76:')],
      ['src/upstream/policy/upstream-judge.test.ts', 'calls of tools'],
    ],
  },
  {
    number: 77,
    tries: 'locked settings that the upstream repeats',
    tests: [
      [POLICIES, ...bothLegs('77:')],
      ['src/upstream/policy/upstream-judge.test.ts', 'blanking'],
    ],
  },
  {
    number: 78,
    tries: 'templates: unknown ones, wrong parameters, syntax in values',
    tests: [
      ['src/http/templates.test.ts', 'fillTemplate'],
      ['test/http/analytics.test.ts', 'refuses the query type', 'refuses {'],
    ],
  },
  {
    number: 79,
    tries: 'audio before the settings',
    tests: [[LATE, ...bothLegs('keep binary frames that come before')]],
  },
  {
    number: 80,
    tries: 'too much before the upstream is open, or an upstream that never opens',
    tests: [
      [EARLY, 'ends a client that sends too much', 'keeps early frames up to the budget'],
      [LATE, ...bothLegs('end a client that sends too much early', 'tell a client that sends all the while')],
      ['test/abuse/early-memory.test.ts', 'holds no more than the budget of many early clients'],
    ],
  },
  {
    number: 81,
    tries: 'a hook that is slow, throws or hangs',
    tests: [
      [POLICIES, ...bothLegs('81:')],
      [
        HOOKS,
        ...bothLegs(
          'keep order while',
          'judge what the upstream says, in order',
          'pass nothing up',
          'pass nothing down',
          'end as a failure when the hook up',
          'end as a failure when the hook down',
        ),
      ],
    ],
  },
  {
    number: 82,
    tries: 'names that would become part of an address',
    tests: [
      [NAMES, 'refuses ', 'does not build a path', 'does not start with a resource'],
      ['test/abuse/queries.test.ts', 'refuses the model'],
      ['src/upstream/mount.test.ts', 'a variable in the path'],
    ],
  },
  {
    number: 83,
    tries: 'a name that leads to a private address',
    tests: [
      [OPEN, 'the address that is dialled'],
      ['src/upstream/guarded-lookup.test.ts', 'a guarded lookup'],
      ['src/upstream/address-rules.test.ts', 'the rules for addresses let'],
      [BAD_APIS, 'does not dial what a name'],
    ],
  },
  {
    number: 84,
    tries: 'an upstream that redirects',
    tests: [
      [
        REFUSALS,
        "tells the client of an upstream 'that redirects",
        "tells a vendor's SDK by HTTP of an upstream 'that redirects",
      ],
      ['src/upstream/dial.test.ts', ...dials('fails at a redirect')],
      [BAD_APIS, 'does not follow a redirect'],
    ],
  },
  {
    number: 85,
    tries: 'an upstream that refuses, hangs, resets or speaks TLS badly',
    tests: [
      [
        REFUSALS,
        "tells the client of an upstream 'that answers",
        "tells a vendor's SDK by HTTP of an upstream 'that answers",
        'passes on no wait',
        'gives up on an upstream',
      ],
      [
        'src/upstream/dial.test.ts',
        ...dials('fails as', 'fails with the wait', 'fails when the upstream resets'),
      ],
      [OPEN, 'an upstream that answers badly', 'a try that hangs', "a try that is 'reset'"],
      ['src/upstream/connector.test.ts', 'an encrypted connection to somebody'],
      [BAD_APIS, 'tells an API that answers', 'gives an API that'],
      ['test/abuse/bodies-in-logs.test.ts', '85:'],
      ['test/abuse/rotated-keys.test.ts', ...bothLegs('85:')],
      ['test/http/several-keys.test.ts', 'asks no third time', 'does not send a recording twice'],
    ],
  },
  {
    number: 86,
    tries: 'a key that the upstream selects as subprotocol',
    tests: [[REFUSALS, 'keeps the key that the upstream selected']],
  },
  {
    number: 87,
    tries: 'a close reason with the key, a host or rubbish',
    tests: [
      [
        CLOSES,
        'drops a close reason that tells the key',
        'drops a close reason with control',
        'hides hosts',
        'tells of a lost upstream when its close reason is binary rubbish',
      ],
      ['src/upstream/client-reason.test.ts', 'toClientReason is empty for', 'toClientReason hides the host'],
    ],
  },
  {
    number: 88,
    tries: 'a message of the upstream with the key',
    tests: [
      [POLICIES, ...bothLegs('88:')],
      ['src/upstream/policy/upstream-judge.test.ts', 'a key in what the provider says'],
    ],
  },
  {
    number: 89,
    tries: 'more than a client takes: 200 MB at once, 1 GB unread',
    tests: [
      [FLOODS, ...bothLegs('refuse a message of 200 MB', 'hold back an upstream with')],
      [BAD_APIS, 'takes no more than its limit'],
    ],
  },
  {
    number: 90,
    tries: 'audio for an upstream that reads nothing',
    tests: [
      [FLOODS, ...bothLegs('hold back a client that pours audio', '90:')],
      ['test/sessions/backpressure.test.ts', 'holds back a client whose upstream does not read'],
      ['src/session/deadlines.test.ts', 'a lag'],
    ],
  },
  {
    number: 91,
    tries: 'a client that leaves at any moment',
    tests: [
      [EARLY, 'dials nothing for a client', 'leaves no upstream session when 20 clients leave'],
      [LATE, ...bothLegs('end once for a client that')],
      [OPEN, 'a try that is cancelled'],
    ],
  },
  {
    number: 92,
    tries: 'an upstream that does not end',
    tests: [
      [
        LATE,
        ...bothLegs('end a client whose upstream never answers', 'end a client whose upstream ends its'),
      ],
    ],
  },
  {
    number: 93,
    tries: 'failover',
    tests: [
      ['test/abuse/fallback.test.ts', ...bothLegs('93:')],
      ['src/upstream/fallback-dial.test.ts', 'a dial with further addresses'],
      ['src/upstream/with-fallback.test.ts', 'withFallback'],
    ],
  },
  {
    number: 94,
    tries: 'warm sockets',
    tests: [
      ['test/abuse/spares.test.ts', '94:'],
      [
        'src/upstream/spare-dial.test.ts',
        'a dial with spares',
        'a spare that grows old',
        'a spare is not taken',
        'spares',
      ],
      ['src/upstream/with-spares.test.ts', 'withSpares'],
    ],
  },
  {
    number: 95,
    tries: 'a key that is changed while running',
    tests: [
      ['test/abuse/rotated-keys.test.ts', ...bothLegs('95:')],
      ['src/upstream/key-ring.test.ts', 'keys that take the place of others'],
    ],
  },
  {
    number: 96,
    tries: 'a store of secrets that is down',
    tests: [
      ['test/abuse/rotated-keys.test.ts', ...bothLegs('96:'), '96: is not ready'],
      ['src/upstream/key-loading.test.ts', 'the first load'],
    ],
  },
  {
    number: 97,
    tries: 'reconnects to a dead upstream',
    tests: [
      ['test/abuse/dead-upstreams.test.ts', ...bothLegs('97:')],
      ['src/upstream/breaker.test.ts', 'a breaker'],
      ['src/upstream/answer-check.test.ts', 'what a failed dial tells'],
    ],
  },
];
