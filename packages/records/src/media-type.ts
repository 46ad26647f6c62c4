/** `typ` of every document of the wire format that this version signs or reads (W1-W3, W5, W7, W11). */
export const TYP = {
  rootKeySet: 'agent-code-root-keys+json',
  entityStatement: 'entity-statement+jwt',
  assignmentRecord: 'agent-code-assignment+jwt',
  resolutionAnswer: 'agent-code-resolution+jwt',
  statusListToken: 'statuslist+jwt',
  registryRequest: 'agent-code-request+jwt',
  description: 'agent-description+jwt',
  agentKey: 'agent-code-key+jwt',
  keyHistory: 'jwk-set+jwt',
  snapshotNotification: 'agent-code-snapshot+jwt',
  keyEndorsement: 'agent-code-key-endorsement+jwt',
} as const

/** Media types as sent in `content-type` and `accept`; without parameters (W0). */
export const MEDIA_TYPE = {
  rootKeySet: 'application/agent-code-root-keys+json',
  entityStatement: 'application/entity-statement+jwt',
  assignmentRecord: 'application/agent-code-assignment+jwt',
  resolutionAnswer: 'application/agent-code-resolution+jwt',
  statusListToken: 'application/statuslist+jwt',
  registryRequest: 'application/agent-code-request+jwt',
  keyHistory: 'application/jwk-set+jwt',
  keyEndorsement: 'application/agent-code-key-endorsement+jwt',
  snapshotNotification: 'application/agent-code-snapshot+jwt',
  evidenceBundle: 'application/json',
} as const
