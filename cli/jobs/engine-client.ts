import type { Engine } from '../../core/engine/index.ts';

/** The engine as every command sees it: the contract, nothing else. */
export type EngineClient = Engine['client'];

export type { MaintenanceClient } from '../../core/engine/index.ts';
