import { outageSuite } from './support/outage-suite.ts';

const isFull = process.env['HOLDOVER_FULL'] === '1';

outageSuite('log-in refused', isFull ? { sent: 20, changes: 50 } : { sent: 6, changes: 12 });
