import { runEngineCommand } from './cli/engine-command.ts';

// What it makes holds mail and keys, whatever folder it is told.
process.umask(0o077);
process.exitCode = await runEngineCommand(process.argv.slice(2));
