import { numericDate } from '@arc3088/service'

import type { RootDeps } from '../deps.ts'
import { agreementIdOf } from './agreement-name.ts'
import { demandAgreement } from './agreement.store.ts'
import { readDeliveries, type DeliveryStanding } from './delivery.store.ts'
import { stageOf, standingOf, type AgreementStage, type KnownAgreement } from './known-agreement.ts'

/** How a party stands, by its own word. */
export interface PartyView {
  readonly entityId: string
  readonly signed: boolean
  readonly state: string
  readonly since: number
}

/** An agreement as it is told. */
export interface AgreementView {
  readonly agreement: KnownAgreement
  readonly stage: AgreementStage
  readonly parties: readonly PartyView[]
  readonly links: readonly {
    readonly between: readonly [string, string]
    readonly state: string
    readonly since: number
  }[]
  readonly deliveries: readonly DeliveryStanding[]
}

interface PageAsked {
  readonly before: string | undefined
  readonly limit: number
}

/** Reads the agreements that all parties have signed, newest first: what is public. */
export async function readPublicAgreements(
  deps: RootDeps,
  page: PageAsked,
): Promise<readonly AgreementView[]> {
  return await readPage(deps, page, ({ missing }) => missing.length === 0)
}

/** Reads every agreement that is proposed here or was, newest first, for the desk. */
export async function readDeskAgreements(deps: RootDeps, page: PageAsked): Promise<readonly AgreementView[]> {
  return await readPage(deps, page, () => true)
}

/** Reads one agreement for the desk. @throws RegistryError `agreement-not-found`. */
export async function readDeskAgreement(deps: RootDeps, name: string): Promise<AgreementView> {
  const id = agreementIdOf(name)
  const all = await deps.agreements.all()
  const found = demandAgreement(
    all.find((each) => each.id === id),
    name,
  )
  return viewOf(deps, found, { all, deliveries: await readDeliveries(deps.node.db, [id]) })
}

/** Reads one agreement that all parties have signed. @throws RegistryError `agreement-not-found`. */
export async function readPublicAgreement(deps: RootDeps, name: string): Promise<KnownAgreement> {
  const id = agreementIdOf(name)
  const all = await deps.agreements.all()
  return demandAgreement(
    all.find((each) => each.id === id && each.missing.length === 0),
    name,
  )
}

async function readPage(
  deps: RootDeps,
  { before, limit }: PageAsked,
  isShown: (agreement: KnownAgreement) => boolean,
): Promise<readonly AgreementView[]> {
  const all = await deps.agreements.all()
  const shown = all
    .filter((each) => isShown(each) && (before === undefined || each.id < before))
    .toSorted((a, b) => (a.id < b.id ? 1 : -1))
    .slice(0, limit)
  const deliveries = await readDeliveries(
    deps.node.db,
    shown.map(({ id }) => id),
  )
  return shown.map((each) => viewOf(deps, each, { all, deliveries }))
}

function viewOf(
  deps: RootDeps,
  agreement: KnownAgreement,
  { all, deliveries }: { all: readonly KnownAgreement[]; deliveries: readonly DeliveryStanding[] },
): AgreementView {
  const at = numericDate(deps.node.ambient.now())
  const { parties, links } = standingOf(agreement, all, at)
  const isComplete = agreement.missing.length === 0
  return {
    agreement,
    stage: stageOf(agreement, all, at),
    parties: parties.map(({ entityId, state, since }) => {
      const signed = agreement.signed.includes(entityId)
      const waiting = signed ? 'signed' : 'proposed-to'
      return { entityId, signed, state: isComplete || state === 'terminated' ? state : waiting, since }
    }),
    links: isComplete ? links : [],
    deliveries: deliveries.filter((each) => each.agreement === agreement.id),
  }
}
