/** The command line's words: which command, with which options. Reads nothing else and runs nothing. */
import { parseArgs } from 'node:util';

export type Command =
  | { readonly name: 'serve'; readonly settings: string | undefined; readonly devTls: boolean }
  | {
      readonly name: 'token';
      readonly settings: string | undefined;
      readonly sub: string;
      readonly lifetimeMs: number;
    }
  | { readonly name: 'help' | 'version' }
  | { readonly name: 'wrong'; readonly problem: string };

export const USAGE = `voxproxy: keeps provider keys on the server and relays browser WebSockets to the provider

  voxproxy                    serve, with settings from the environment and .env
  voxproxy token --sub alice  print a development token for a user

  --settings FILE    read settings from FILE (default .env, if there is one)
  --dev-tls          serve https and wss with a self-signed certificate, for development
  --sub ID           token: the user's id
  --expires-in TIME  token: its life, such as 30s, 15m, 1h (default 1h, at most 1h)
  --version, --help

Settings: DEEPGRAM_API_KEY, ANTHROPIC_API_KEY, CLAUDE_MODEL, AZURE_VOICE_LIVE_API_KEY,
AZURE_VOICE_LIVE_RESOURCE, AZURE_OPENAI_API_KEY, AZURE_OPENAI_RESOURCE, AZURE_OPENAI_DEPLOYMENTS,
ASR_SOCKET_URL, ASR_UPLOAD_URL, JWT_SECRET, AUTH, PORT, HOST, ALLOWED_ORIGINS, TLS_CERT_FILE,
TLS_KEY_FILE, COMPAT, LIMIT_IDLE_TIMEOUT_MS and others; each key also as a file, such as
DEEPGRAM_API_KEY_FILE.
The package's .env.example explains each.`;

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

export function readCommand(words: readonly string[]): Command {
  try {
    return toCommand(words);
  } catch (error) {
    // parseArgs names the word that it does not know.
    return wrong(error instanceof Error ? (error.message.split('. ')[0] ?? '') : 'unknown words');
  }
}

function toCommand(words: readonly string[]): Command {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      settings: { type: 'string' },
      'dev-tls': { type: 'boolean', default: false },
      sub: { type: 'string' },
      'expires-in': { type: 'string', default: '1h' },
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean', short: 'v' },
    },
  });
  if (values.help) return { name: 'help' };
  if (values.version) return { name: 'version' };
  if (positionals.length > 1) return wrong(`unexpected word ${positionals[1]}`);
  const name = positionals[0] ?? 'serve';
  const { settings } = values;
  if (name === 'serve') return { name, settings, devTls: values['dev-tls'] };
  if (name !== 'token') return wrong(`unknown command ${name}`);
  return toTokenCommand(settings, values.sub, values['expires-in']);
}

function toTokenCommand(settings: string | undefined, sub: string | undefined, expiresIn: string): Command {
  if (sub === undefined || sub === '') return wrong('token needs --sub, the id of the user');
  const match = /^(\d{1,6})([smh])$/.exec(expiresIn);
  const lifetimeMs = Number(match?.[1]) * (UNIT_MS[match?.[2] ?? ''] ?? NaN);
  // jwt() refuses older tokens anyway, so a longer one would only surprise.
  if (!(lifetimeMs > 0 && lifetimeMs <= 3_600_000))
    return wrong('--expires-in is a time such as 30s, 15m or 1h, at most 1h');
  return { name: 'token', settings, sub, lifetimeMs };
}

const wrong = (problem: string): Command => ({ name: 'wrong', problem });
