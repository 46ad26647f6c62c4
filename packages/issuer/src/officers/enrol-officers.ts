import { RegistryError } from '@arc3088/problems'
import { recordHash, signOfficerSet, type PublicJwk, type Signer } from '@arc3088/records'
import { numericDate, type Ambient } from '@arc3088/service'
import type { Kysely, Transaction } from 'kysely'

import { insertAuditEntry } from '../audit/audit.store.ts'
import type { IssuerTables } from '../db/tables.ts'
import { queueEntries } from '../log/log-queue.store.ts'
import type { OperatorWithToken } from '../operators/create-operator.ts'
import { issueApiToken } from '../operators/issue-api-token.ts'
import { insertOperator } from '../operators/operator.store.ts'
import { lockDesk } from '../proposals/decide-proposal.ts'
import { pinOfficerSet } from './officer-set-file.ts'
import {
  insertOfficerKey,
  insertOfficerSet,
  readKeyHolder,
  readNewestOfficerSetHash,
} from './officer.store.ts'

/** Somebody who is to decide: the name stays here, the key is published. */
export interface NewOfficer {
  readonly name: string
  readonly jwk: PublicJwk
}

/** The first officers, together, and how many of them decide. */
export interface Enrolment {
  readonly officers: readonly NewOfficer[]
  readonly threshold: number
  readonly thresholds?: Readonly<Record<string, number>>
  /** Gives officers who are enrolled new tokens, where all of theirs are lost; who they are does not change. */
  readonly recover?: boolean
}

/**
 * The ceremony that makes a desk (wire-format W12): the first officers are enrolled together, more than decide, with their
 * own keys. Their set is pinned in a file beside the node's keys before it stands in the database, and logged. Once a set
 * exists, its officers alone change it.
 */
export async function enrolOfficers(
  parts: { db: Kysely<IssuerTables>; ambient: Ambient; entityId: string; keysDir: string; signer: Signer },
  enrolment: Enrolment,
  /** What else comes to be with the desk, in the same transaction. */
  alongside: (tx: Transaction<IssuerTables>) => Promise<void> = async () => undefined,
): Promise<OperatorWithToken[]> {
  const { db, ambient, entityId, keysDir, signer } = parts
  return await db.transaction().execute(async (tx) => {
    await lockDesk(tx)
    if ((await readNewestOfficerSetHash(tx)) !== undefined) {
      if (enrolment.recover === true) return await recover(tx, ambient, enrolment.officers)
      throw new RegistryError('operator-exists', 'This node has officers; they decide who joins them')
    }
    const at = ambient.now()
    const jws = await signOfficerSet(signer, {
      iss: entityId,
      iat: numericDate(at),
      seq: 1,
      prev: null,
      threshold: enrolment.threshold,
      ...(enrolment.thresholds === undefined ? {} : { thresholds: { ...enrolment.thresholds } }),
      keys: enrolment.officers.map(({ jwk }) => jwk),
      decision: null,
    })
    const hash = await recordHash(jws)
    const made: OperatorWithToken[] = []
    for (const { name, jwk } of enrolment.officers) made.push(await enrol(tx, ambient, { name, jwk, at }))
    await insertOfficerSet(tx, { seq: 1, hash, jws, createdAt: at })
    await queueEntries(tx, [{ v: 1, t: 'decision', c: 'officer-set:1', h: hash, i: numericDate(at) }], at)
    await alongside(tx)
    ambient.reached('officers:enrolled')
    // Before the commit: a set in the database that no file bears out would decide nothing for ever.
    pinOfficerSet(keysDir, jws)
    ambient.reached('officers:pinned')
    return made
  })
}

async function enrol(
  tx: Transaction<IssuerTables>,
  ambient: Ambient,
  { name, jwk, at }: NewOfficer & { at: Date },
): Promise<OperatorWithToken> {
  const operator = { id: ambient.newId(), name, role: 'officer' }
  await insertOperator(tx, { ...operator, createdAt: at })
  await insertOfficerKey(tx, { operator: operator.id, jwk, enrolledAt: at })
  const token = await issueApiToken(tx, ambient, { kind: 'operator', id: operator.id, expiresAt: null })
  await insertAuditEntry(tx, {
    id: ambient.newId(),
    at,
    actor: 'command-line',
    act: 'officer:enrol',
    object: `operator:${operator.id}`,
    reason: null,
    detail: { name, kid: jwk.kid },
  })
  return { ...operator, token }
}

async function recover(
  tx: Transaction<IssuerTables>,
  ambient: Ambient,
  officers: readonly NewOfficer[],
): Promise<OperatorWithToken[]> {
  const made: OperatorWithToken[] = []
  for (const { name, jwk } of officers) {
    const id = await readKeyHolder(tx, jwk.kid)
    if (id === undefined) throw new RegistryError('officer-key-unknown', `${jwk.kid} is no officer's key`)
    const token = await issueApiToken(tx, ambient, { kind: 'operator', id, expiresAt: null })
    await insertAuditEntry(tx, {
      id: ambient.newId(),
      at: ambient.now(),
      actor: 'command-line',
      act: 'officer:recover',
      object: `operator:${id}`,
      reason: null,
      detail: { kid: jwk.kid },
    })
    made.push({ id, name, role: 'officer', token })
  }
  return made
}
