/**
 * Runs the README's server as its own process: with the local upstream for the vendor's address, a free port, and what
 * an application around it has, a page and a token for its user.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { readmeExample, replaceOnce } from './readme-examples.ts';

const PAGE =
  '<!doctype html><title>README</title><div id="root"></div><script type="module" src="/page.js"></script>';
const APPLICATION = `
import { readFileSync } from 'node:fs';
app.get('/', (request, response) => response.send(process.env.PAGE));
app.get('/token', (request, response) => response.type('text').send(process.env.TOKEN));
app.get('/page.js', (request, response) => response.type('js').send(readFileSync(new URL('page.js', import.meta.url))));
app.post('/echo', (request, response) => response.json(request.body));
server.once('listening', () => process.send(server.address().port));
`;
const MOUNT = `
import { createRoot } from 'react-dom/client';
import { Talk } from './talk.tsx';
createRoot(document.querySelector('#root')).render(<Talk />);
`;

export interface ReadmeServerOptions {
  /** For the examples: inside e2e, so that they find the packages as an application of their reader would. */
  folder: string;
  agentUrl: string;
  /** For the variables of the example. */
  apiKey: string;
  jwtSecret: string;
  /** What the application gives to its user. */
  token: string;
}

export interface ReadmeServer {
  port: number;
  /** Everything it has printed. */
  output: string[];
  close(): Promise<void>;
}

export async function startReadmeServer(options: ReadmeServerOptions): Promise<ReadmeServer> {
  const { folder, agentUrl } = options;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'server.mjs'), toServer(agentUrl));
  await writePage(folder);
  return run(options);
}

function toServer(agentUrl: string): string {
  const code = readmeExample('js');
  const local = replaceOnce(code, 'deepgram({ ', `deepgram({ agentUrl: '${agentUrl}', `);
  const own = replaceOnce(local, 'createServer(app).listen(3000)', 'server');
  const server = `const server = createServer(app).listen(0, '127.0.0.1');\n`;
  return replaceOnce(own, 'proxy.attach(', `${server}proxy.attach(`) + APPLICATION;
}

async function writePage(folder: string): Promise<void> {
  await writeFile(join(folder, 'talk.tsx'), readmeExample('tsx'));
  await writeFile(join(folder, 'mount.tsx'), MOUNT);
  await build({
    entryPoints: [join(folder, 'mount.tsx')],
    outfile: join(folder, 'page.js'),
    bundle: true,
    format: 'esm',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'silent',
  });
}

async function run({ folder, apiKey, jwtSecret, token }: ReadmeServerOptions): Promise<ReadmeServer> {
  const child = fork(join(folder, 'server.mjs'), {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
    env: { DEEPGRAM_API_KEY: apiKey, JWT_SECRET: jwtSecret, TOKEN: token, PAGE },
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => output.push(text));
  const started = new AbortController();
  const exited = once(child, 'exit', { signal: started.signal }).then(() => {
    throw new Error(`the README's server ended:\n${output.join('')}`);
  });
  const [port] = (await Promise.race([once(child, 'message', { signal: started.signal }), exited])) as [
    number,
  ];
  started.abort();
  exited.catch(() => undefined);
  return { port, output, close: () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
