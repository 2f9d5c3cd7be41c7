/**
 * Makes a bare clone ready for a command: Node's version, dependencies, the build, Chromium, PocketSphinx.
 * Each function says in one line what it does, and does nothing where nothing is missing. Node built-ins only.
 */
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { isBuilt } from './build-stamp.mjs';
import { root, run, script, tool } from './steps.mjs';

const say = (text) => console.log(`prepare: ${text}`);
const minutes = (number) => number * 60_000;

export class PrepareError extends Error {
  name = 'PrepareError';
}

/** Runs a command that must succeed; its output is shown only when it does not. */
async function must(work, wrong) {
  const { ok, output } = await work;
  if (!ok) throw new PrepareError(`${wrong}\n${output.trimEnd()}`);
}

/** Whether `version` is at least 20.19, which has every built-in that the scripts and packages use. */
export function isNodeRecent(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 20 || (major === 20 && minor >= 19);
}

export function ensureNode() {
  if (isNodeRecent(process.versions.node)) return;
  throw new PrepareError(`Node ${process.versions.node} is too old: install Node 20.19 or later`);
}

const readJson = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined);

/** Whether what npm says it installed is what the lock file asks for. Optional packages may be for other machines. */
export function isInstalled(lock, installed) {
  if (!installed) return false;
  return Object.entries(lock.packages).every(([path, { version, integrity, optional, link }]) => {
    const there = installed.packages[path];
    if (path === '' || (optional && !there)) return true;
    return (
      Boolean(there) && there.version === version && there.integrity === integrity && there.link === link
    );
  });
}

const areInstalled = () =>
  isInstalled(
    readJson(join(root, 'package-lock.json')),
    readJson(join(root, 'node_modules', '.package-lock.json')),
  );
const npm = (args) => run('npm', args, { limitMs: minutes(10) });

export async function ensureInstalled({ isDone = areInstalled, install = npm } = {}) {
  if (isDone()) return;
  say('installing the dependencies of package-lock.json (npm install)');
  // Not npm ci: it refuses a lock file whose writer could not see the optional packages of other platforms.
  // The build is made of development dependencies, which npm leaves out under NODE_ENV=production or omit=dev.
  await must(install(['install', '--no-save', '--include=dev']), 'npm install failed');
  if (isDone()) return;
  throw new PrepareError(
    'npm install succeeded and yet left out packages of package-lock.json: see what `npm config list` leaves out',
  );
}

export async function ensureBuilt() {
  if (isBuilt()) return;
  say('building the packages and the page (npm run build)');
  await must(script('build.mjs', [], { limitMs: minutes(5) }), 'the build failed');
}

function onPath(names, { env, exists }) {
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(exists);
}

const chromiumNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

function usualPlaces({ PROGRAMFILES = '', 'PROGRAMFILES(X86)': programs86 = '', LOCALAPPDATA = '' }) {
  const windows = [PROGRAMFILES, programs86, LOCALAPPDATA].filter(Boolean);
  return [
    ...chromiumNames.map((name) => `/usr/bin/${name}`),
    ...['Chromium', 'Google Chrome'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`),
    ...windows.map((folder) => join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe')),
  ];
}

async function playwrightsOwn() {
  try {
    return (await import('@playwright/test')).chromium.executablePath();
  } catch {
    return undefined;
  }
}

/** CHROMIUM_PATH, then one on the machine, then Playwright's own; undefined when there is none. */
export async function findChromium({ env = process.env, exists = existsSync, own = playwrightsOwn } = {}) {
  if (env.CHROMIUM_PATH) {
    if (exists(env.CHROMIUM_PATH)) return env.CHROMIUM_PATH;
    throw new PrepareError(
      `CHROMIUM_PATH is ${env.CHROMIUM_PATH}, where there is no file: correct or unset it`,
    );
  }
  const found = usualPlaces(env).find(exists) ?? onPath(chromiumNames, { env, exists });
  if (found) return found;
  const downloaded = await own();
  return downloaded && exists(downloaded) ? downloaded : undefined;
}

const isRootOnDebian = () => process.getuid?.() === 0 && existsSync('/etc/debian_version');

async function aptInstall(...names) {
  const options = { env: { DEBIAN_FRONTEND: 'noninteractive' }, limitMs: minutes(8) };
  const wait = ['-o', 'DPkg::Lock::Timeout=60'];
  await run('apt-get', [...wait, 'update'], options);
  return run('apt-get', [...wait, 'install', '-y', '--no-install-recommends', ...names], options);
}

/** @returns {Promise<string>} where Chromium is */
export async function ensureChromium() {
  const found = await findChromium();
  if (found) return found;
  if (isRootOnDebian()) {
    say('installing Chromium (apt-get install chromium)');
    await aptInstall('chromium');
  } else {
    say('installing Chromium (npx playwright install chromium)');
    await tool('playwright', ['install', 'chromium'], { limitMs: minutes(8) });
  }
  const installed = await findChromium();
  if (installed) return installed;
  throw new PrepareError(
    'found no Chromium and could not install it: install one and set CHROMIUM_PATH to its path',
  );
}

const hasPocketSphinx = () =>
  Boolean(onPath(['pocketsphinx_continuous'], { env: process.env, exists: existsSync }));

/** @returns {Promise<boolean>} whether the local upstreams can recognise speech */
export async function ensurePocketSphinx() {
  if (hasPocketSphinx()) return true;
  if (isRootOnDebian()) {
    say('installing speech recognition (apt-get install pocketsphinx pocketsphinx-en-us)');
    await aptInstall('pocketsphinx', 'pocketsphinx-en-us');
  }
  if (hasPocketSphinx()) return true;
  say("speech recognition is off: it needs Debian's pocketsphinx and pocketsphinx-en-us");
  return false;
}
