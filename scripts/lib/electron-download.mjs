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

function hasProxy() {
  return ['HTTPS_PROXY', 'https_proxy', 'GLOBAL_AGENT_HTTPS_PROXY'].some((name) => Boolean(process.env[name]));
}

/** One connection, quickly given up: a machine without the web must not wait for the download's own limits. */
function canConnect({ hostname, port, protocol }) {
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) || (protocol === 'http:' ? 80 : 443) });
    const finish = (isOpen) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => finish(false));
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
  });
}

/** Whether Electron's download, for any system, can be reached. */
export async function canFetchElectron() {
  return hasProxy() || canConnect(mirrorUrl());
}

/**
 * Electron's own way: the npm package fetches the runtime that belongs to it.
 * @param {ReturnType<typeof import('./steps.mjs').stepPrinter>} printer
 * @returns {Promise<string | null>} null when it is there now, else why not
 */
export async function downloadElectron(printer) {
  const mirror = mirrorUrl();
  if (!(await canFetchElectron())) return `${mirror.host} is out of reach`;
  return printer.step('Electron runtime (its own download)', async () => {
    const { code, output } = await capture(process.execPath, [inModules('electron/install.js')], {
      cwd: rootDir,
      timeoutMs: DOWNLOAD_TIMEOUT_MS,
    });
    return code === 0 ? null : `its download failed: ${output.trim().split('\n').at(0) || `exit code ${code}`}`;
  });
}
