import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rootDir } from '../lib/paths.mjs';
import { SetupError } from '../lib/steps.mjs';

const faultLine = ({ path: place, what }) => `  ${place || 'the policy'}: ${what}`;

/**
 * Lays a policy where packages take it from, after it was checked as the app does; takes an earlier one away.
 * @param {string | null} file JSON, as `policies.json`; null for none
 * @param {string} outDir
 * @throws {SetupError} with each place at fault
 */
export async function layPolicy(file, outDir) {
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  if (file === null) return;
  if (!existsSync(file)) throw new SetupError(`HOLDOVER_POLICY: ${file} is not there.`);
  const text = readFileSync(file, 'utf8').replace(/^\uFEFF/u, '');
  const { runnerImport } = await import('vite');
  const source = path.join(rootDir, 'main/policy/read-policy.ts');
  const { module } = await runnerImport(source, { configFile: false, logLevel: 'warn' });
  try {
    module.checkPolicy('package-file', JSON.parse(text));
  } catch (error) {
    const faults = error instanceof SyntaxError ? [{ path: '', what: 'the file is not JSON' }] : error.faults;
    if (!faults) throw error;
    throw new SetupError(`HOLDOVER_POLICY: ${file} would be refused by every device:\n${faults.map(faultLine).join('\n')}`);
  }
  writeFileSync(path.join(outDir, 'policies.json'), text);
}
