import { RegistryError } from '@arc3088/problems'

import { publishAdvisory, reviseAdvisory, withdrawAdvisory } from '../advisories/advisory.act.ts'
import { AGREEMENT_EVENT_ACTS } from '../agreements/agreement-event.act.ts'
import { countersignAgreement } from '../agreements/countersign-agreement.act.ts'
import { proposeAgreement, supersedeAgreement } from '../agreements/propose-agreement.act.ts'
import { rejectApplication } from '../applications/reject-application.act.ts'
import { assignProvider } from '../providers/assign-provider.act.ts'
import {
  registerCertifier,
  removeCertifier,
  resumeCertifier,
  suspendCertifier,
} from '../certifiers/certifier.act.ts'
import { FOREIGN_ROOT_ACTS } from '../foreign-roots/pin-foreign-root.act.ts'
import { addOperator } from '../officers/add-operator.act.ts'
import { changeOfficers } from '../officers/change-officers.act.ts'
import { disableOperator } from '../officers/disable-operator.act.ts'
import { PROVIDER_LIFE_ACTS } from '../providers/life-acts.ts'
import { setScenarios } from '../scenarios/set-scenarios.act.ts'
import type { AnyAct } from './act.ts'

/** Everything that the authority can do by dual control; a kind that is not here can be neither proposed nor carried out. */
export const ACTS: readonly AnyAct[] = [
  assignProvider,
  ...PROVIDER_LIFE_ACTS,
  rejectApplication,
  publishAdvisory,
  reviseAdvisory,
  withdrawAdvisory,
  registerCertifier,
  suspendCertifier,
  resumeCertifier,
  removeCertifier,
  setScenarios,
  ...FOREIGN_ROOT_ACTS,
  proposeAgreement,
  supersedeAgreement,
  countersignAgreement,
  ...AGREEMENT_EVENT_ACTS,
  addOperator,
  disableOperator,
  changeOfficers(() => ACTS.map(({ kind }) => kind)),
]

/** Finds an act by its kind; throws `act-unknown`. */
export function actOf(kind: string): AnyAct {
  const act = ACTS.find((each) => each.kind === kind)
  if (act === undefined)
    throw new RegistryError('act-unknown', `${kind} is none of ${ACTS.map((each) => each.kind).join(', ')}`)
  return act
}
