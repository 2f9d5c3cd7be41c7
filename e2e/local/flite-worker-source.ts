/**
 * What runs in the synthesis thread, as text: a worker made from text needs no file of its own beside a bundle and no loader for TypeScript.
 * It answers each {id, text, voice} with {id, wav} or {id, error}; order, limits and deadlines are flite.ts's business.
 *
 * flite is a WASI program. Node's own node:wasi ends the whole process now and then: its fast calls may collect garbage, which fast calls
 * must not. So the few calls that flite makes are answered here: its arguments, a clock, and one file in memory.
 */
export const FLITE_WORKER_SOURCE = `
'use strict';
const { parentPort, workerData } = require('node:worker_threads');

const OK = 0, BAD_FD = 8, NO_ENTRY = 44, NO_SPACE = 51;
const FOLDER = 3, SPEECH = 4;
const FILE_TYPES = [2, 2, 2, 3, 4];
const MAX_FILE_BYTES = 16 * 1024 * 1024;

class Exit extends Error {
  constructor(code) {
    super('flite ended with code ' + code);
    this.code = code;
  }
}

/** The import object of wasi_snapshot_preview1 for a program that reads its arguments and writes /out/speech.wav. */
function createWasi(args) {
  let memory;
  let speech = Buffer.alloc(65536);
  let length = 0;
  let position = 0;
  const view = () => new DataView(memory.buffer);
  const bytes = (at, size) => Buffer.from(memory.buffer, at, size);
  const terminated = args.map((arg) => Buffer.from(arg + '\\0'));

  function write(chunk) {
    const end = position + chunk.length;
    if (end > MAX_FILE_BYTES) return NO_SPACE;
    while (end > speech.length) speech = Buffer.concat([speech, Buffer.alloc(speech.length)]);
    chunk.copy(speech, position);
    position = end;
    length = Math.max(length, end);
    return OK;
  }

  const calls = {
    args_sizes_get(count, size) {
      view().setUint32(count, args.length, true);
      view().setUint32(size, Buffer.concat(terminated).length, true);
      return OK;
    },
    args_get(pointers, at) {
      for (const [i, arg] of terminated.entries()) {
        view().setUint32(pointers + 4 * i, at, true);
        arg.copy(bytes(at, arg.length));
        at += arg.length;
      }
      return OK;
    },
    clock_time_get(clock, precision, at) {
      view().setBigUint64(at, process.hrtime.bigint(), true);
      return OK;
    },
    fd_close: () => OK,
    fd_fdstat_get(fd, at) {
      if (!(fd in FILE_TYPES)) return BAD_FD;
      bytes(at, 24).fill(0);
      view().setUint8(at, FILE_TYPES[fd]);
      view().setBigUint64(at + 8, 2n ** 64n - 1n, true);
      view().setBigUint64(at + 16, 2n ** 64n - 1n, true);
      return OK;
    },
    fd_fdstat_set_flags: () => OK,
    fd_prestat_get(fd, at) {
      if (fd !== FOLDER) return BAD_FD;
      view().setUint32(at, 0, true);
      view().setUint32(at + 4, '/out'.length, true);
      return OK;
    },
    fd_prestat_dir_name(fd, at, size) {
      bytes(at, size).write('/out');
      return OK;
    },
    fd_read(fd, chunks, count, read) {
      view().setUint32(read, 0, true);
      return OK;
    },
    fd_seek(fd, offset, whence, at) {
      if (fd !== SPEECH) return BAD_FD;
      position = Math.max(0, [0, position, length][whence] + Number(offset));
      view().setBigUint64(at, BigInt(position), true);
      return OK;
    },
    fd_write(fd, chunks, count, written) {
      let total = 0;
      for (let i = 0; i < count; i += 1) {
        const size = view().getUint32(chunks + 8 * i + 4, true);
        const error = fd === SPEECH ? write(bytes(view().getUint32(chunks + 8 * i, true), size)) : OK;
        if (error !== OK) return error;
        total += size;
      }
      view().setUint32(written, total, true);
      return OK;
    },
    path_open(folder, lookup, path, size, ...rest) {
      if (bytes(path, size).toString() !== 'speech.wav') return NO_ENTRY;
      view().setUint32(rest.at(-1), SPEECH, true);
      return OK;
    },
    proc_exit(code) {
      throw new Exit(code);
    },
  };
  const start = (instance) => {
    memory = instance.exports.memory;
    try {
      instance.exports._start();
    } catch (error) {
      if (!(error instanceof Exit) || error.code !== 0) throw error;
    }
    return Uint8Array.prototype.slice.call(speech, 0, length);
  };
  return { imports: { wasi_snapshot_preview1: calls }, start };
}

function synthesise(text, voice) {
  const { imports, start } = createWasi(['flite', '-voice', voice, '-t', text, '-o', '/out/speech.wav']);
  return start(new WebAssembly.Instance(workerData.flite, imports));
}

parentPort.on('message', ({ id, text, voice }) => {
  try {
    const wav = new Uint8Array(synthesise(text, voice));
    parentPort.postMessage({ id, wav }, [wav.buffer]);
  } catch (error) {
    parentPort.postMessage({ id, error: String(error) });
  }
});
`;
