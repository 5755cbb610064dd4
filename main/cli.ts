import { runEngineCommand } from './cli/engine-command.ts';

process.exitCode = await runEngineCommand(process.argv.slice(2));
