import { ageSeconds, readUnconfirmed, type IssuerTables } from '@arc3088/issuer'
import type { Ambient, MetricSource, Reading } from '@arc3088/service'
import type { Kysely } from 'kysely'

import type { AppointmentDoor } from '../appointment/appointment.ts'

/** What figures of a provider are read from. */
export interface FiguredProvider {
  readonly db: Kysely<IssuerTables>
  readonly ambient: Pick<Ambient, 'now'>
  readonly entityId: string
  readonly appointment: Pick<AppointmentDoor, 'isKnown' | 'demand' | 'mandate'>
}

/** Steps that are counted; nobody takes so many. */
const ENDORSEMENTS_MAX = 1000

/** The figures that a provider tells beside those of every issuing node. */
export function providerFigures(node: FiguredProvider): MetricSource[] {
  return [
    { name: 'appointment', read: () => Promise.resolve(tellAppointment(node)) },
    { name: 'endorsements', read: async () => await readEndorsements(node) },
  ]
}

function tellAppointment({ appointment, ambient }: FiguredProvider): Reading[] {
  if (!appointment.isKnown()) return [{ name: 'arc3088_appointment_good', value: 0 }]
  const { verifiedAt, statementExpiresAt } = appointment.demand()
  return [
    { name: 'arc3088_appointment_good', value: appointment.mandate().lapse === undefined ? 1 : 0 },
    { name: 'arc3088_appointment_verified_age_seconds', value: ageSeconds(ambient.now(), verifiedAt) },
    { name: 'arc3088_statement_expires_timestamp_seconds', value: statementExpiresAt },
  ]
}

async function readEndorsements({ db, ambient, entityId }: FiguredProvider): Promise<Reading[]> {
  const waiting = await readUnconfirmed(db, entityId, ENDORSEMENTS_MAX)
  const [oldest] = waiting
  return [
    { name: 'arc3088_endorsements_waiting', value: waiting.length },
    { name: 'arc3088_endorsement_oldest_age_seconds', value: ageSeconds(ambient.now(), oldest?.issuedAt) },
  ]
}
