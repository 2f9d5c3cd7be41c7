import { describe, expect, it } from 'vitest';
import { USAGE, readCommand } from './arguments.ts';

const read = (line: string): object => readCommand(line === '' ? [] : line.split(' '));

describe('readCommand', () => {
  it.each([
    { line: '', command: { name: 'serve', settings: undefined, devTls: false } },
    { line: 'serve', command: { name: 'serve', settings: undefined, devTls: false } },
    { line: '--settings my.env', command: { name: 'serve', settings: 'my.env', devTls: false } },
    { line: 'serve --settings=my.env', command: { name: 'serve', settings: 'my.env', devTls: false } },
    { line: '--dev-tls', command: { name: 'serve', settings: undefined, devTls: true } },
    {
      line: 'token --sub alice',
      command: { name: 'token', settings: undefined, sub: 'alice', lifetimeMs: 3_600_000 },
    },
    {
      line: '--sub alice token',
      command: { name: 'token', settings: undefined, sub: 'alice', lifetimeMs: 3_600_000 },
    },
    {
      line: 'token --sub a --settings my.env',
      command: { name: 'token', settings: 'my.env', sub: 'a', lifetimeMs: 3_600_000 },
    },
    {
      line: 'token --sub a --expires-in 30s',
      command: { name: 'token', settings: undefined, sub: 'a', lifetimeMs: 30_000 },
    },
    {
      line: 'token --sub a --expires-in 15m',
      command: { name: 'token', settings: undefined, sub: 'a', lifetimeMs: 900_000 },
    },
    {
      line: 'token --sub a --expires-in 3600s',
      command: { name: 'token', settings: undefined, sub: 'a', lifetimeMs: 3_600_000 },
    },
    { line: '--help', command: { name: 'help' } },
    { line: '-h', command: { name: 'help' } },
    { line: 'token --help', command: { name: 'help' } },
    { line: '--version', command: { name: 'version' } },
    { line: '-v', command: { name: 'version' } },
  ])('reads "$line"', ({ line, command }) => {
    expect(read(line)).toEqual(command);
  });

  it.each([
    { line: 'serv', problem: 'unknown command serv' },
    { line: 'constructor', problem: 'unknown command constructor' },
    { line: 'serve token', problem: 'unexpected word token' },
    { line: '--port 80', problem: "Unknown option '--port'" },
    { line: '--settings', problem: '--settings' },
    { line: '--env-file my.env', problem: "Unknown option '--env-file'" },
    { line: '--help=yes', problem: '--help' },
    { line: '--dev-tls=yes', problem: '--dev-tls' },
    { line: 'token', problem: 'token needs --sub' },
    { line: 'token --sub=', problem: 'token needs --sub' },
    { line: 'token --sub', problem: '--sub' },
    { line: 'token --sub a --expires-in 0s', problem: '--expires-in is a time' },
    { line: 'token --sub a --expires-in 61m', problem: 'at most 1h' },
    { line: 'token --sub a --expires-in 2h', problem: 'at most 1h' },
    { line: 'token --sub a --expires-in 10', problem: '--expires-in is a time' },
    { line: 'token --sub a --expires-in 1.5h', problem: '--expires-in is a time' },
    { line: 'token --sub a --expires-in=-5m', problem: '--expires-in is a time' },
    { line: 'token --sub a --expires-in 1d', problem: '--expires-in is a time' },
    { line: 'token --sub a --expires-in=', problem: '--expires-in is a time' },
    { line: 'token --sub a --expires-in 9999999s', problem: '--expires-in is a time' },
  ])('says in one line what is wrong with "$line"', ({ line, problem }) => {
    const command = read(line) as { name: string; problem: string };
    expect(command.name).toBe('wrong');
    expect(command.problem).toContain(problem);
    expect(command.problem).not.toContain('\n');
  });
});

describe('USAGE', () => {
  it('names every command and option that is understood', () => {
    for (const word of ['token', '--sub', '--settings', '--expires-in', '--version', '--help'])
      expect(USAGE).toContain(word);
    for (const line of USAGE.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });
});
