/** Where the worklet module comes from. */
import { describe, expect, it } from 'vitest';
import { FakeContext, installFakeAudio } from '../../test/audio/fake-audio.ts';
import { createWorkletNode } from './worklet-loader.ts';

const nodeIn = (context: FakeContext, url?: string) =>
  createWorkletNode(context as unknown as AudioContext, 'capture', {}, url);

describe('createWorkletNode', () => {
  it('loads the module once per context, however many ask for it', async () => {
    installFakeAudio();
    const [first, second] = [new FakeContext(), new FakeContext()];
    await Promise.all([nodeIn(first), nodeIn(first)]);
    await nodeIn(first);
    await nodeIn(second);
    expect([first.modules.length, second.modules.length]).toEqual([1, 1]);
    expect(first.worklets.map(({ name }) => name)).toEqual(Array(3).fill('voxproxy-capture'));
  });

  it('loads the inlined text as a blob: URL by default', async () => {
    installFakeAudio();
    const context = new FakeContext();
    await nodeIn(context);
    expect(context.modules[0]).toMatch(/^blob:/);
  });

  it("loads the page's own file when told", async () => {
    installFakeAudio();
    const context = new FakeContext();
    await nodeIn(context, '/own/audio-worklet.js');
    expect(context.modules).toEqual(['/own/audio-worklet.js']);
  });

  it('says worklet-blocked and names the option when the browser refuses, and then may be asked again', async () => {
    installFakeAudio();
    const context = new FakeContext();
    const cause = new DOMException('refused by policy', 'AbortError');
    context.allow.addModule = () => Promise.reject(cause);
    await expect(nodeIn(context)).rejects.toMatchObject({
      code: 'worklet-blocked',
      retryable: false,
      message: expect.stringContaining('workletUrl'),
      cause,
    });
    context.allow.addModule = async () => {};
    await nodeIn(context, '/own/audio-worklet.js');
    expect(context.worklets).toHaveLength(1);
  });

  it('says worklet-blocked when the file is some other script', async () => {
    installFakeAudio();
    Object.assign(globalThis, {
      AudioWorkletNode: class {
        constructor() {
          throw new DOMException('no such processor', 'InvalidStateError');
        }
      },
    });
    await expect(nodeIn(new FakeContext(), '/jquery.js')).rejects.toMatchObject({ code: 'worklet-blocked' });
  });
});
