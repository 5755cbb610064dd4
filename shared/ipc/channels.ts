// Between preload and app process.
export const callChannel = 'holdover:call';
export const eventChannel = 'holdover:event';
