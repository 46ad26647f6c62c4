import { coalesce, type AssignOne, type IssuingNode } from '@arc3088/issuer'

import type { Appointment, AppointmentDoor } from './appointment/appointment.ts'
import type { ProviderTables } from './db/tables.ts'
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
}

/**
 * Answers the assigners while the root's word is in force, and throws otherwise. They are built once, since a
 * provider's code never changes and requests must meet in one queue.
 */
export function createAssigners(parts: {
  node: IssuingNode<ProviderTables>
  appointment: AppointmentDoor
}): () => Assigners {
  let built: Assigners | undefined
  return () => {
    const appointment = parts.appointment.demandInForce()
    return (built ??= build(parts.node, appointment))
  }
}

function build(node: IssuingNode<ProviderTables>, { prefix, code }: Appointment): Assigners {
  const { db, supply, ambient } = node
  const queue = { db, supply, issuing: node.issuing(prefix) }
  const { provider } = code
  return {
    requester: coalesce(requesterTier({ provider, ambient }), queue),
    ontology: coalesce(ontologyTier({ provider, ambient }), queue),
    instance: coalesce(instanceTier({ provider }), queue),
  }
}
