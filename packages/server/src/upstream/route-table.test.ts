import { describe, expect, it } from 'vitest';
import { createRouteTable } from './route-table.ts';

const keys = [
  '/proxy',
  '/v2/live',
  '//voice.example.com/v2/live',
  '//voice.example.com/speech/{voice}/stream',
  '/speech/{voice}/stream',
  '/a.b/{x}',
];
const find = createRouteTable(new Map(keys.map((key) => [key, key])));

describe('createRouteTable()', () => {
  it.each([
    ['/proxy', 'app.test', '/proxy'],
    ['/proxy', undefined, '/proxy'],
    ['/proxy', 'voice.example.com', '/proxy'],
    ['/v2/live', 'app.test', '/v2/live'],
    ['/v2/live', 'voice.example.com', '//voice.example.com/v2/live'],
    ['/v2/live', 'VOICE.Example.com:8443', '//voice.example.com/v2/live'],
    ['/v2/live', 'voice.example.com.evil.test', '/v2/live'],
    ['/v2/live', 'evil.test/voice.example.com', '/v2/live'],
  ])('finds %s on %s at %s', (path, host, route) => {
    expect(find(path, host)).toEqual({ route, values: undefined });
  });

  it.each([
    ['/speech/alice/stream', 'app.test', '/speech/{voice}/stream', 'alice'],
    ['/speech/alice/stream', 'voice.example.com', '//voice.example.com/speech/{voice}/stream', 'alice'],
    ['/speech/%2e%2e/stream', undefined, '/speech/{voice}/stream', '%2e%2e'],
  ])('finds %s on %s at %s, with what stands for the variable', (path, host, route, voice) => {
    expect(find(path, host)).toEqual({ route, values: { voice } });
  });

  it('finds nothing at a path that is written like the key of a host', () => {
    expect(find('//voice.example.com/v2/live', 'app.test')).toBeUndefined();
    expect(find('//voice.example.com/v2/live', undefined)).toBeUndefined();
  });

  it.each([
    '/',
    '/Proxy',
    '/proxy/',
    '/proxy/x',
    '/speech//stream',
    '/speech/a/b/stream',
    '/speech/{voice}/stream/x',
    '/aXb/c',
    '/constructor',
    '/__proto__',
  ])('finds nothing at %s', (path) => {
    expect(find(path, 'app.test')).toBeUndefined();
  });
});
