#!/usr/bin/env node
/** The `voxproxy` command: the only place with signals and exit codes. */
import { ConfigError, VERSION, createDevelopmentToken, type VoiceProxy } from '../index.ts';
import { USAGE, readCommand, type Command } from './arguments.ts';
import { loadSettings, readTokenClaims, readServeConfig } from './config.ts';
import { serve } from './serve.ts';

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

// Log lines go to standard output; words for people do not mix with them.
const say = (line: string): void => console.error(line);

async function run(command: Command): Promise<void> {
  switch (command.name) {
    case 'help':
      console.log(USAGE);
      return;
    case 'version':
      console.log(VERSION);
      return;
    case 'wrong':
      say(`voxproxy: ${command.problem}. Try voxproxy --help.`);
      process.exitCode = EXIT_USAGE;
      return;
    case 'token':
      loadSettings(command.settings);
      console.log(
        await createDevelopmentToken({
          ...readTokenClaims(),
          sub: command.sub,
          lifetimeMs: command.lifetimeMs,
        }),
      );
      return;
    case 'serve':
      loadSettings(command.settings);
      drainOnSignals(await serve(readServeConfig(undefined, command.devTls), say));
  }
}

/** The first signal drains; a second one closes what is left without waiting for it. */
function drainOnSignals(proxy: VoiceProxy): void {
  let isDraining = false;
  const onSignal = (): void => {
    if (isDraining) {
      void proxy.close();
      return;
    }
    isDraining = true;
    say(`voxproxy is draining ${proxy.sessions} sessions; once more closes them now`);
    void proxy
      .drain()
      .then(() => proxy.close())
      .then(() => process.exit(0));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}

function explain(error: unknown): string {
  if (error instanceof ConfigError) return `${error.option} ${error.message.slice(error.option.length + 2)}`;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return 'PORT is in use by another program. Set PORT to a free one.';
  if (code === 'EACCES') return 'PORT is not allowed for this user. Set PORT to one above 1023.';
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return 'HOST is not an address of this machine. Set HOST to 127.0.0.1 or 0.0.0.0.';
  return error instanceof Error ? error.message : 'failed to start';
}

run(readCommand(process.argv.slice(2))).catch((error: unknown) => {
  say(`voxproxy: ${explain(error)}`);
  process.exitCode = EXIT_FAILURE;
});
