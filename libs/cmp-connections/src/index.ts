export { budgetStore } from './budget-store.ts';
export {
  CmpConnections,
  CmpSettings,
  ConnectorNotUsable,
  countCall,
  countingCalls,
  type OpenedCmp,
  recordingCalls,
} from './cmp-connections.ts';
