/**
 * A browser's audio for unit tests: contexts, nodes, ports, tracks and the microphone, which record what is done to
 * them and do what the test tells them. Nothing sounds, and no worklet runs.
 */
import { onTestFinished, vi } from 'vitest';

export class FakeNode {
  readonly outputs = new Set<unknown>();

  connect<T>(node: T): T {
    this.outputs.add(node);
    return node;
  }

  disconnect(node?: unknown): void {
    if (node) this.outputs.delete(node);
    else this.outputs.clear();
  }
}

export class FakePort {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  readonly sent: unknown[] = [];

  postMessage(message: unknown): void {
    this.sent.push(message);
  }

  /** What the worklet would post. */
  receive(data: unknown): void {
    this.onmessage?.({ data });
  }
}

export class FakeWorkletNode extends FakeNode {
  readonly port = new FakePort();
  readonly context: FakeContext;
  readonly name: string;
  readonly options: AudioWorkletNodeOptions;

  constructor(context: FakeContext, name: string, options: AudioWorkletNodeOptions) {
    super();
    this.context = context;
    this.name = name;
    this.options = options;
    context.worklets.push(this);
  }
}

export class FakeContext {
  state = 'suspended';
  readonly destination = new FakeNode();
  readonly currentTime = 0;
  readonly worklets: FakeWorkletNode[] = [];
  readonly gains: FakeNode[] = [];
  readonly modules: string[] = [];
  /** What the browser makes of each step; a test puts its own in their place. */
  allow = {
    resume: async (): Promise<void> => {},
    addModule: async (): Promise<void> => {},
  };
  readonly audioWorklet = {
    addModule: (url: string) => {
      this.modules.push(url);
      return this.allow.addModule();
    },
  };

  async resume(): Promise<void> {
    await this.allow.resume();
    if (this.state === 'closed') throw new DOMException('The context is closed.', 'InvalidStateError');
    this.state = 'running';
  }

  async close(): Promise<void> {
    this.state = 'closed';
  }

  createMediaStreamSource(stream: FakeStream): FakeNode {
    stream.node = new FakeNode();
    return stream.node;
  }
}

export class FakeTrack extends EventTarget {
  readyState = 'live';

  stop(): void {
    this.readyState = 'ended';
  }

  /** The device is unplugged. */
  lose(): void {
    this.readyState = 'ended';
    this.dispatchEvent(new Event('ended'));
  }
}

export class FakeStream {
  readonly track = new FakeTrack();
  readonly constraints: MediaStreamConstraints;
  node: FakeNode | undefined;

  constructor(constraints: MediaStreamConstraints = {}) {
    this.constraints = constraints;
  }

  getTracks(): FakeTrack[] {
    return [this.track];
  }
}

export interface FakeAudio {
  /** In the order in which they were opened. */
  readonly contexts: FakeContext[];
  readonly streams: FakeStream[];
  /** Answers the next requests for a microphone; by default at once, with a new stream. */
  answer: (constraints: MediaStreamConstraints) => Promise<FakeStream>;
  permission: string;
}

/** Puts the fakes in the place of the browser's until the test is over; `allow` is what each context begins with. */
export function installFakeAudio(allow: Partial<FakeContext['allow']> = {}): FakeAudio {
  const audio: FakeAudio = {
    contexts: [],
    streams: [],
    answer: async (constraints) => new FakeStream(constraints),
    permission: 'granted',
  };
  const getUserMedia = async (constraints: MediaStreamConstraints) => {
    const stream = await audio.answer(constraints);
    audio.streams.push(stream);
    return stream;
  };
  vi.stubGlobal('isSecureContext', true);
  vi.stubGlobal('AudioWorkletNode', FakeWorkletNode);
  vi.stubGlobal(
    'AudioContext',
    class extends FakeContext {
      constructor() {
        super();
        Object.assign(this.allow, allow);
        audio.contexts.push(this);
      }
    },
  );
  vi.stubGlobal(
    'GainNode',
    class extends FakeNode {
      readonly gain;

      constructor(context: FakeContext, { gain }: { gain: number }) {
        super();
        this.gain = { value: gain, setTargetAtTime: (value: number) => (this.gain.value = value) };
        context.gains.push(this);
      }
    },
  );
  vi.stubGlobal('navigator', {
    mediaDevices: { getUserMedia },
    permissions: { query: async () => ({ state: audio.permission }) },
  });
  onTestFinished(() => void vi.unstubAllGlobals());
  return audio;
}

/** A promise and the means to settle it. */
export function deferred<T = void>() {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
