import { runAdminCommand } from './admin/admin-command.ts';
import { setCalledAs } from './cli/called-as.ts';

setCalledAs('node holdover-*.mjs');
process.exitCode = await runAdminCommand(process.argv.slice(2));
