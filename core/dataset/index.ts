export { adversarialItems, ADVERSARIAL_TAG, ATTACK_FAMILIES, CANARIES, canariesIn, type AdversarialOptions } from './adversarial.js';
export type { Attack, AttackFamily } from './attack.js';
export { messagesFor, type PromptMessage } from './conversation.js';
export { diffOf, type DatasetChange, type DatasetDiff } from './diff.js';
export { bytesOf, CELL_BYTES_MAX, FAULTS, faultsOfItem, ITEMS_MAX, ROW_BYTES_MAX, type DatasetItem, type FaultCode, type ItemFault, type ItemSource, type RowFault, type Turn } from './item.js';
export { createDatasetReader, FAULTS_SHOWN, sentenceOfFault, VERSION_BYTES_MAX, type DatasetFormat, type DatasetRead, type DatasetReader, type ReaderOptions } from './reader.js';
export { createReport, reportOf, type DatasetReport, type DuplicateGroup, type NearPair, type ReportMaker } from './report.js';
export { rowsOf } from './write.js';
