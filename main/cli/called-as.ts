/** How the commands were started, with a star for which of them. */
const VARIABLE = 'HOLDOVER_CALLED_AS';

/** How a person starts one of our commands here, as usage and remedies say it: as this one was started. */
export function calledAs(command: 'engine' | 'admin', env: NodeJS.ProcessEnv = process.env): string {
  return (env[VARIABLE] || 'npm run * --').replace('*', command);
}

/** Settles it for this process, unless whoever started it did. @param style such as `holdover-*` */
export function setCalledAs(style: string): void {
  process.env[VARIABLE] ||= style;
}
