/** The processors as the audio thread runs them, quantum by quantum. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { FakePort } from '../../../test/audio/fake-audio.ts';
import { toPcm16 } from '../pcm.ts';
import type { PlaybackReport } from './playback-processor.ts';

const RATE = 48_000;
const QUANTUM = 128;

interface Processor {
  readonly port: FakePort;
  process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean;
}
type Registered = new (options: { processorOptions: object }) => Processor;

const registered = new Map<string, Registered>();

beforeAll(async () => {
  vi.stubGlobal('sampleRate', RATE);
  vi.stubGlobal('registerProcessor', (name: string, processor: Registered) =>
    registered.set(name, processor),
  );
  vi.stubGlobal(
    'AudioWorkletProcessor',
    class {
      readonly port = new FakePort();
    },
  );
  await import('./processors.ts');
  return () => vi.unstubAllGlobals();
});

function create(name: string, processorOptions: object) {
  const processor = new (registered.get(name) as Registered)({ processorOptions });
  const output = new Float32Array(QUANTUM);
  const run = (seconds: number, input?: number) => {
    let goesOn = true;
    for (let i = 0; i < (seconds * RATE) / QUANTUM; i++) {
      goesOn = processor.process(
        [input === undefined ? [] : [new Float32Array(QUANTUM).fill(input)]],
        [[output]],
      );
    }
    return goesOn;
  };
  return { processor, run, output, sent: processor.port.sent };
}

describe('voxproxy-capture', () => {
  const open = () => create('voxproxy-capture', { sampleRate: 16_000 });

  it('posts fifty frames a second with their level', () => {
    const { run, sent } = open();
    run(1.01, 0.5);
    const frames = sent as [Uint8Array, number][];
    expect(frames).toHaveLength(50);
    expect(frames[49]?.[0]).toHaveLength(640);
    expect(frames[49]?.[1]).toBeCloseTo(0.5, 3);
  });

  it('posts nothing before there is a source, and silence when it has gone', () => {
    const { run, sent } = open();
    run(0.5);
    expect(sent).toHaveLength(0);
    run(0.2, 0.5);
    run(0.5);
    expect((sent.at(-1) as [Uint8Array, number])[1]).toBe(0);
    expect(sent.length).toBeGreaterThan(30);
  });

  it('ends when told', () => {
    const { processor, run } = open();
    expect(run(0.01, 0)).toBe(true);
    processor.port.receive('close');
    expect(run(0.01, 0)).toBe(false);
  });
});

describe('voxproxy-playback', () => {
  function open() {
    const created = create('voxproxy-playback', { sampleRate: 24_000, budgetSeconds: 120 });
    const reports = created.sent as PlaybackReport[];
    const push = (seconds: number) =>
      created.processor.port.receive(toPcm16(Array<number>(seconds * 24_000).fill(0.5)));
    return { ...created, reports, push };
  }

  it('reports at most thirty times a second while there is sound, and nothing in silence', () => {
    const { run, push, reports } = open();
    run(1);
    expect(reports).toHaveLength(0);
    push(1);
    run(1);
    expect(reports.length).toBeGreaterThan(20);
    expect(reports.length).toBeLessThanOrEqual(30);
    expect(reports.at(-1)).toMatchObject({ playing: true, level: expect.closeTo(0.5, 2) });
    run(1);
    const { length } = reports;
    expect(reports.at(-1)).toMatchObject({ playing: false, level: 0, played: 24_000 });
    run(1);
    expect(reports).toHaveLength(length);
  });

  it('answers a question at once', () => {
    const { processor, push, reports } = open();
    push(0.5);
    processor.port.receive('report');
    expect(reports).toEqual([expect.objectContaining({ bytes: 24_000, level: undefined })]);
  });

  it('flushes', () => {
    const { processor, run, push, reports, output } = open();
    push(2);
    run(0.5);
    processor.port.receive('flush');
    expect(reports.at(-1)).toMatchObject({ playing: false, level: undefined });
    run(0.1);
    expect(Math.max(...output)).toBe(0);
    expect(reports.at(-1)).toMatchObject({ level: 0 });
  });

  it('ends when told', () => {
    const { processor, run } = open();
    expect(run(0.01)).toBe(true);
    processor.port.receive('close');
    expect(run(0.01)).toBe(false);
  });
});
