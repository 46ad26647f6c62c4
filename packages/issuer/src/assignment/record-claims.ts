import type { Subject } from '@arc3088/codec'
import { codeAssignmentOf, statusClaim, type AssignmentRecord } from '@arc3088/records'

import type { RecordExtra } from './tier.ts'

/** The claims of wire-format W3 for any tier: the code in its parts, its parent, its place in a status list. */
export function assignmentClaims(options: {
  subject: Subject
  iss: string
  iat: number
  jti: string
  status: { uri: string; idx: number }
  extra: RecordExtra
}): AssignmentRecord {
  const { subject, iss, iat, jti, status, extra } = options
  return {
    iss,
    sub: subject.text,
    iat,
    jti,
    code_assignment: { ...codeAssignmentOf(subject), ...extra },
    status: statusClaim(status.uri, status.idx),
  }
}
