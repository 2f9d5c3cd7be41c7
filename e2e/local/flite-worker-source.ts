/**
 * What runs in the synthesis thread, as text: a worker made from text needs no file of its own beside a bundle and no loader for TypeScript.
 * It answers each {id, text, voice} with {id, wav} or {id, error}; order, limits and deadlines are flite.ts's business.
 */
export const FLITE_WORKER_SOURCE = `
'use strict';
const { readFileSync, rmSync } = require('node:fs');
const { join } = require('node:path');
const { parentPort, workerData } = require('node:worker_threads');

// Importing node:wasi warns that it is experimental; only that one warning, of only this thread, is left out.
const emitWarning = process.emitWarning;
process.emitWarning = (warning, ...rest) =>
  String(warning).includes('WASI') ? undefined : emitWarning.call(process, warning, ...rest);
const { WASI } = require('node:wasi');
process.emitWarning = emitWarning;

function synthesise(text, voice) {
  const args = ['flite', '-voice', voice, '-t', text, '-o', '/out/speech.wav'];
  const wasi = new WASI({ version: 'preview1', args, preopens: { '/out': workerData.folder } });
  const code = wasi.start(new WebAssembly.Instance(workerData.flite, wasi.getImportObject()));
  if (code !== 0) throw new Error('flite ended with code ' + code);
  const file = join(workerData.folder, 'speech.wav');
  const wav = new Uint8Array(readFileSync(file));
  rmSync(file);
  return wav;
}

parentPort.on('message', ({ id, text, voice }) => {
  try {
    const wav = synthesise(text, voice);
    parentPort.postMessage({ id, wav }, [wav.buffer]);
  } catch (error) {
    parentPort.postMessage({ id, error: String(error) });
  }
});
`;
