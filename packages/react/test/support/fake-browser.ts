/** A browser's sockets, microphone and sound that open nothing, and an account of what was opened and let go. */
import { onTestFinished, vi } from 'vitest';

/** A socket whose server is the test. */
export class FakeSocket {
  binaryType = '';
  readyState = 0;
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  readonly url: string;
  readonly sent: (string | ArrayBuffer | Uint8Array)[] = [];
  closedWith: number | undefined;

  constructor(url: string) {
    this.url = url;
  }

  send(frame: string | ArrayBuffer): void {
    this.sent.push(frame);
  }

  close(code: number): void {
    this.closedWith ??= code;
    this.readyState = 2;
  }

  /** Lets the handshake succeed; the agent is ready at once. */
  accept(): void {
    this.readyState = 1;
    this.onopen?.({} as never);
    this.say({ type: 'SettingsApplied' });
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) } as never);
  }

  sound(...bytes: number[]): void {
    this.onmessage?.({ data: new Uint8Array(bytes).buffer } as never);
  }

  /** The end of the socket: of the closing handshake, or as the server wants it. */
  end(code = this.closedWith ?? 1006, reason = ''): void {
    this.readyState = 3;
    this.onclose?.({ code, reason, wasClean: true } as never);
  }
}

class FakeNode {
  readonly port = { postMessage: (): void => {}, onmessage: null };
  readonly gain = { setTargetAtTime: (): void => {} };
  connect<Target>(target: Target): Target {
    return target;
  }
  disconnect(): void {}
}

class FakeTrack extends EventTarget {
  isLive = true;
  stop(): void {
    this.isLive = false;
  }
}

export interface FakeBrowser {
  readonly sockets: readonly FakeSocket[];
  /** To be given to the session. */
  readonly WebSocket: new (url: string) => FakeSocket;
  /** Tracks of microphones, one for each getUserMedia(). */
  readonly tracks: readonly FakeTrack[];
  /** AudioContexts that are open now. */
  readonly openContexts: () => number;
}

/** Until the end of the test. */
export function installFakeBrowser(): FakeBrowser {
  const sockets: FakeSocket[] = [];
  const tracks: FakeTrack[] = [];
  const contexts = new Set<object>();
  class Socket extends FakeSocket {
    constructor(url: string) {
      super(url);
      sockets.push(this);
    }
  }
  class Context {
    readonly currentTime = 0;
    readonly destination = new FakeNode();
    readonly audioWorklet = { addModule: async (): Promise<void> => {} };
    readonly createMediaStreamSource = (): FakeNode => new FakeNode();
    constructor() {
      contexts.add(this);
    }
    async resume(): Promise<void> {}
    async close(): Promise<void> {
      contexts.delete(this);
    }
  }
  const getUserMedia = async (): Promise<object> => {
    const track = new FakeTrack();
    tracks.push(track);
    return { getTracks: () => [track] };
  };
  vi.stubGlobal('AudioContext', Context);
  vi.stubGlobal('AudioWorkletNode', FakeNode);
  vi.stubGlobal('GainNode', FakeNode);
  vi.stubGlobal('isSecureContext', true);
  Object.defineProperty(navigator, 'mediaDevices', { configurable: true, value: { getUserMedia } });
  onTestFinished(() => {
    vi.unstubAllGlobals();
    delete (navigator as { mediaDevices?: unknown }).mediaDevices;
  });
  return { sockets, WebSocket: Socket, tracks, openContexts: () => contexts.size };
}
