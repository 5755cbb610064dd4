import { outageSuite } from './support/outage-suite.ts';

outageSuite('stopped', { sent: 20, changes: 50 });
