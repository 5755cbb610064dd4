import { flipFuses, FuseState, FuseV1Options, FuseVersion, getCurrentFuseWire } from '@electron/fuses';

/** What a released build must not be able to do, whatever its environment or command line says. */
export const wantedFuses = {
  RunAsNode: false,
  EnableCookieEncryption: true,
  EnableNodeOptionsEnvironmentVariable: false,
  EnableNodeCliInspectArguments: false,
  EnableEmbeddedAsarIntegrityValidation: true,
  OnlyLoadAppFromAsar: true,
  LoadBrowserProcessSpecificV8Snapshot: false,
  GrantFileProtocolExtraPrivileges: false,
  WasmTrapHandlers: true,
};

const nameOf = (index) => FuseV1Options[index];

/** Fuses of a binary that this runtime has, by name. */
export async function readFuses(executable) {
  const wire = await getCurrentFuseWire(executable);
  return Object.fromEntries(
    Object.entries(wire)
      .filter(([index]) => nameOf(index) !== undefined)
      .map(([index, state]) => [nameOf(index), state === FuseState.ENABLE ? true : state === FuseState.DISABLE ? false : null]),
  );
}

/**
 * Sets every fuse that the runtime has and reads them back.
 * @throws Error when one is not as wanted, or when the runtime has one that is not in the list
 */
export async function setFuses(executable) {
  const wire = await getCurrentFuseWire(executable);
  const there = Object.keys(wire).filter((index) => index !== 'version' && wire[index] !== FuseState.REMOVED);
  const unknown = there.filter((index) => nameOf(index) === undefined);
  if (unknown.length > 0) throw new Error(`This runtime has fuses without a decision: ${unknown.join(', ')}; see scripts/pack/fuses.mjs`);
  const states = there.map((index) => [index, wantedFuses[nameOf(index)]]);
  const isAll = states.length === Object.keys(wantedFuses).length;
  await flipFuses(executable, { version: FuseVersion.V1, strictlyRequireAllFuses: isAll, ...Object.fromEntries(states) });
  const found = await readFuses(executable);
  const wrong = Object.entries(found).filter(([name, isOn]) => isOn !== null && isOn !== wantedFuses[name]);
  if (wrong.length > 0) throw new Error(`Fuses that could not be set: ${wrong.map(([name]) => name).join(', ')}`);
  return found;
}
