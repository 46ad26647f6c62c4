import {
  createAssigner,
  createBatchAssigner,
  type AssignBatch,
  type AssignOne,
  type IssuingNode,
} from '@arc3088/issuer'

import type { Appointment, AppointmentDoor } from './appointment/appointment.ts'
import type { Mandate } from './appointment/mandate.ts'
import type { ProviderTables } from './db/tables.ts'
import { joinEqual } from './instances/bulk-registrar.ts'
import { instanceTier } from './instances/instance-tier.ts'
import type { InstanceRegistration } from './instances/registration.ts'
import type { OntologyApproval } from './ontologies/approval.ts'
import { ontologyTier } from './ontologies/ontology-tier.ts'
import { requesterTier } from './requesters/requester-tier.ts'
import type { RequesterVerification } from './requesters/verification.ts'

/** The three tiers below a provider, each with its own queue. */
export interface Assigners {
  readonly requester: AssignOne<RequesterVerification>
  readonly ontology: AssignOne<OntologyApproval>
  readonly instance: AssignOne<InstanceRegistration>
  /** Many instances at once; equal ones of this process meet. */
  readonly instances: AssignBatch<InstanceRegistration>
}

/**
 * Answers the assigners once this provider knows its code, and throws `awaiting-assignment` before. Whether the
 * root's word allows to assign now is judged at every tier, after retries were answered. They are built once,
 * since a provider's code never changes and requests must meet in one queue.
 */
export function createAssigners(parts: {
  node: IssuingNode<ProviderTables>
  appointment: AppointmentDoor
}): () => Assigners {
  let built: Assigners | undefined
  return () => {
    const { node, appointment } = parts
    return (built ??= build(node, appointment.demand(), () => appointment.mandate()))
  }
}

function build(
  node: IssuingNode<ProviderTables>,
  { prefix }: Appointment,
  mandate: () => Mandate,
): Assigners {
  const { db, supply, ambient } = node
  const queue = { db, supply, issuing: node.issuing(prefix) }
  return {
    requester: createAssigner(requesterTier({ mandate, ambient }), queue),
    ontology: createAssigner(ontologyTier({ mandate, ambient }), queue),
    instance: createAssigner(instanceTier({ mandate }), queue),
    instances: joinEqual(createBatchAssigner(instanceTier({ mandate }), queue)),
  }
}
