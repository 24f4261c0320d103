/** @file What is wrong with a data set before it is trained on. */
export { type Audit, type AuditOptions, auditData, failsAt } from './audit-data.js';
export type { Answerer } from './entity-flips.js';
export { type Finding, type FindingKind, findingKinds, type Level, levels } from './findings.js';
export { readAuditSplit } from './read-audit-split.js';
export type { AuditRecord, AuditSplit } from './records.js';
export { writeAudit } from './write-audit.js';
