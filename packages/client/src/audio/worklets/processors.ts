/** The one module that an AudioContext loads. The build bundles it into a file, and into the text of source.ts. */
import { CaptureProcessor } from './capture-processor.ts';
import { PlaybackProcessor } from './playback-processor.ts';

declare function registerProcessor(name: string, processor: unknown): void;

registerProcessor('voxproxy-capture', CaptureProcessor);
registerProcessor('voxproxy-playback', PlaybackProcessor);
