import { RegistryError } from '@arc3088/problems'
import type { PublicJwk } from '@arc3088/records'
import type { Ambient } from '@arc3088/service'
import type { Kysely } from 'kysely'

import { lockNames } from '../assignment/assignment.store.ts'
import { insertAuditEntry } from '../audit/audit.store.ts'
import type { IssuerTables } from '../db/tables.ts'
import { insertOfficerKey } from '../officers/officer.store.ts'
import { issueApiToken } from './issue-api-token.ts'
import { hasOperator, insertOperator, type Operator } from './operator.store.ts'

/** The first desk: everybody whom a node starts with, made at once (`operator:create`). */
export interface NewOperator {
  readonly name: string
  readonly role: string
  /** A key of their own, with which they begin sessions. */
  readonly jwk?: PublicJwk | undefined
}

/** An operator and the token that is shown once. */
export interface OperatorWithToken extends Operator {
  readonly token: string
}

/**
 * Makes operators from the command line of the node itself, which whoever has its database can run. Refused
 * once an operator exists, since from then on the desk decides; `recover` overrides that, and is audited.
 */
export async function createOperators(
  parts: { db: Kysely<IssuerTables>; ambient: Ambient },
  wanted: readonly NewOperator[],
  options: { recover: boolean },
): Promise<OperatorWithToken[]> {
  const { db, ambient } = parts
  return await db.transaction().execute(async (tx) => {
    await lockNames(tx, ['operator:create'])
    if (!options.recover && (await hasOperator(tx))) {
      throw new RegistryError(
        'operator-exists',
        'This node has operators; use --recover when all tokens are lost',
      )
    }
    const made: OperatorWithToken[] = []
    for (const { name, role, jwk } of wanted) {
      const operator = { id: ambient.newId(), name, role }
      await insertOperator(tx, { ...operator, createdAt: ambient.now() })
      if (jwk !== undefined)
        await insertOfficerKey(tx, { operator: operator.id, jwk, enrolledAt: ambient.now() })
      const token = await issueApiToken(tx, ambient, { kind: 'operator', id: operator.id, expiresAt: null })
      await insertAuditEntry(tx, {
        id: ambient.newId(),
        at: ambient.now(),
        actor: 'command-line',
        act: options.recover ? 'operator:recover' : 'operator:create',
        object: `operator:${operator.id}`,
        reason: null,
        detail: { name, role, ...(jwk === undefined ? {} : { kid: jwk.kid }) },
      })
      made.push({ ...operator, token })
    }
    return made
  })
}
