import { describe, expect, it } from 'vitest';
import { ProxyError } from '../errors.ts';
import { parseUpstreamUrl, toRequestHead, type UpstreamHandshake } from './request-head.ts';

const SECRET = 'key-that-must-not-be-told-0123456789';
const plain: UpstreamHandshake = { url: 'wss://api.example/v1?a=1', subprotocols: [], headers: {} };

const write = (handshake: UpstreamHandshake): string =>
  toRequestHead(parseUpstreamUrl(handshake.url), 'KEY', handshake);

function failureOf(handshake: UpstreamHandshake): ProxyError {
  try {
    write(handshake);
  } catch (error) {
    if (error instanceof ProxyError) return error;
    throw error;
  }
  throw new Error('it was written');
}

describe('the request', () => {
  it('says what every upgrade says, and nothing else', () => {
    expect(write(plain).split('\r\n')).toEqual([
      'GET /v1?a=1 HTTP/1.1',
      'Host: api.example',
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Key: KEY',
      'Sec-WebSocket-Version: 13',
      '',
      '',
    ]);
  });

  it('carries subprotocols and headers', () => {
    const head = write({ ...plain, subprotocols: ['token', SECRET], headers: { 'x-key': 'a "b"\tc' } });
    expect(head).toContain(`\r\nSec-WebSocket-Protocol: token,${SECRET}\r\nx-key: a "b"\tc\r\n\r\n`);
  });

  it.for([
    { url: 'wss://api.example', target: '/', host: 'api.example' },
    { url: 'wss://api.example:443/a', target: '/a', host: 'api.example' },
    { url: 'ws://localhost:80/a', target: '/a', host: 'localhost' },
    { url: 'ws://localhost:443/a', target: '/a', host: 'localhost:443' },
    { url: 'wss://[::1]:8443/?q=%0d%0a', target: '/?q=%0d%0a', host: '[::1]:8443' },
    { url: 'wss://user:pass@api.example/a#b', target: '/a', host: 'api.example' },
    { url: 'wss://exämple.com/ü?ü=€', target: '/%C3%BC?%C3%BC=%E2%82%AC', host: 'xn--exmple-cua.com' },
  ])('to $url names target and host', ({ url, target, host }) => {
    expect(write({ ...plain, url }).split('\r\n', 2)).toEqual([`GET ${target} HTTP/1.1`, `Host: ${host}`]);
  });
});

describe('no request is written', () => {
  it.for(
    ['\r\nX: y', '\n', '\r', '\t', ' ', '\0', '\u007f'].map((text) => `wss://api.example/${SECRET}${text}z`),
  )('to %j', (url) => {
    const error = failureOf({ ...plain, url });
    expect(error.closeName).toBe('Internal');
    expect(error.message).toBe('the request to the upstream has a URL that cannot be sent');
  });

  it.for(['', '/v1', 'https://api.example/', 'wss://', 'wss://a b/', 'file:///etc'])('to %j', (url) => {
    expect(failureOf({ ...plain, url }).closeName).toBe('Internal');
  });

  it.for(['a b', 'a,b', '', 'a\r\nX: y', 'ä', 'a"', 'a\0'])('with the subprotocol %j', (text) => {
    const error = failureOf({ ...plain, subprotocols: ['token', SECRET + text, ...(text ? [] : [''])] });
    expect(error.message).toBe('the request to the upstream has a subprotocol that cannot be sent');
  });

  it('with a subprotocol that is offered twice', () => {
    expect(failureOf({ ...plain, subprotocols: ['a', 'a'] }).closeName).toBe('Internal');
  });

  it.for(['\r\nX: y', '\n', '\r', '\0', '\u007f', 'ä', '\u{10d}', '\u{1f600}'])(
    'with %j in a header’s value',
    (text) => {
      const error = failureOf({ ...plain, headers: { 'x-key': SECRET + text } });
      expect(error.message).toBe('the request to the upstream has a header value that cannot be sent');
    },
  );

  it.for(['', 'a b', 'a:', 'a\r\nb', 'ä', 'Host', 'CONNECTION', 'transfer-encoding', 'Content-Length'])(
    'with a header named %j',
    (name) => {
      expect(failureOf({ ...plain, headers: { [name]: 'x' } }).closeName).toBe('Internal');
    },
  );

  it('with an extension', () => {
    const headers = { 'Sec-WebSocket-Extensions': 'permessage-deflate' };
    expect(failureOf({ ...plain, headers }).closeName).toBe('Internal');
  });
});
