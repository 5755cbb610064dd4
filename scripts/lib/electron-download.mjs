import http from 'node:http';
import https from 'node:https';
import { connect } from 'node:net';
import { inModules, rootDir } from './paths.mjs';
import { capture } from './run.mjs';

const DEFAULT_MIRROR = 'https://github.com';
const CONNECT_TIMEOUT_MS = 4_000;
/** For about 120 MB on a slow line. */
const DOWNLOAD_TIMEOUT_MS = 10 * 60_000;

function mirrorUrl() {
  const { ELECTRON_MIRROR, npm_config_electron_mirror: configured } = process.env;
  return new URL(ELECTRON_MIRROR || configured || DEFAULT_MIRROR);
}

const portOf = ({ port, protocol }) => Number(port) || (protocol === 'http:' ? 80 : 443);

/** As the download itself reads it. */
function proxyOf({ protocol }) {
  const names = protocol === 'https:' ? ['GLOBAL_AGENT_HTTPS_PROXY', 'HTTPS_PROXY', 'https_proxy'] : [];
  return names.map((name) => process.env[name]).find(Boolean) ?? null;
}

/** One connection, quickly given up: a machine without the web must not wait for the download's own limits. */
function canConnect(place) {
  return new Promise((resolve) => {
    const socket = connect({ host: place.hostname, port: portOf(place) });
    const finish = (isOpen) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => finish(false));
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
  });
}

/** Asks the proxy for a way to the host, and takes none. Null when it gives one, else what it answers. */
function whyNotThrough(proxy, target) {
  const url = new URL(proxy.includes('://') ? proxy : `http://${proxy}`);
  const { hostname, username, password, protocol, host } = url;
  const login =
    username === ''
      ? {}
      : { 'proxy-authorization': `Basic ${Buffer.from(decodeURIComponent(`${username}:${password}`)).toString('base64')}` };
  return new Promise((resolve) => {
    const place = `${target.hostname}:${portOf(target)}`;
    const options = { host: hostname, port: portOf(url), method: 'CONNECT', path: place };
    const asked = (protocol === 'https:' ? https : http).request({ ...options, headers: { host: place, ...login } });
    const finish = (why) => {
      asked.destroy();
      resolve(why);
    };
    asked.setTimeout(CONNECT_TIMEOUT_MS, () => finish(`the proxy ${host} does not answer`));
    asked.once('connect', ({ statusCode }) => finish(statusCode === 200 ? null : `the proxy ${host} refuses ${place} (${statusCode})`));
    asked.once('response', ({ statusCode }) => finish(`the proxy ${host} refuses ${place} (${statusCode})`));
    asked.once('error', ({ code, message }) => finish(`the proxy ${host} cannot be reached (${code ?? message})`));
    asked.end();
  });
}

/** Why Electron's download, for any system, cannot be reached; null when it can. */
export async function whyNoElectronDownload() {
  const mirror = mirrorUrl();
  const proxy = proxyOf(mirror);
  if (proxy !== null) return whyNotThrough(proxy, mirror);
  return (await canConnect(mirror)) ? null : `${mirror.host} is out of reach`;
}

/**
 * Electron's own way: the npm package fetches the runtime that belongs to it.
 * @param {ReturnType<typeof import('./steps.mjs').stepPrinter>} printer
 * @returns {Promise<string | null>} null when it is there now, else why not
 */
export async function downloadElectron(printer) {
  const why = await whyNoElectronDownload();
  if (why !== null) return why;
  return printer.step('Electron runtime (its own download)', async () => {
    const { code, output } = await capture(process.execPath, [inModules('electron/install.js')], {
      cwd: rootDir,
      timeoutMs: DOWNLOAD_TIMEOUT_MS,
    });
    return code === 0 ? null : `its download failed: ${output.trim().split('\n').at(0) || `exit code ${code}`}`;
  });
}
