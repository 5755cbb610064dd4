import { isFull } from '../support/this-run.ts';
import { outageSuite } from './support/outage-suite.ts';

outageSuite('blackhole', isFull ? { sent: 20, changes: 50 } : { sent: 6, changes: 15 });
