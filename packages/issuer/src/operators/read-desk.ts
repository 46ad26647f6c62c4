import { RegistryError } from '@arc3088/problems'
import { isPermitted, type Principal } from '@arc3088/service'

import { readCandidates } from './candidate.store.ts'
import {
  readKeyIds,
  readOperator,
  readOperators,
  type ListedOperator,
  type Operator,
} from './operator.store.ts'
import type { OperatorDesk } from './operator-desk.ts'
import { readHeldTokens, type ListedToken } from './token.store.ts'

/** Who asks, and what they may do with what they came with. */
export interface Self extends Operator {
  readonly scopes: readonly string[] | null
  readonly actions: readonly string[]
  readonly keyIds: readonly string[]
  readonly credential: Principal['credential']
}

/** Says who asks. */
export async function readSelf(desk: OperatorDesk, holder: Principal): Promise<Self> {
  const operator = await readOperator(desk.db, holder.id)
  if (operator === undefined) throw new RegistryError('unauthenticated', 'The operator has been disabled')
  const keys = await readKeyIds(desk.db, [holder.id])
  return {
    ...operator,
    scopes: holder.scopes ?? null,
    actions: Object.keys(desk.permissions).filter((action) => isPermitted(desk.permissions, action, holder)),
    keyIds: keys.get(holder.id) ?? [],
    credential: holder.credential,
  }
}

/** What an operator holds that is in force. */
export async function readTokens({ db, ambient }: OperatorDesk, operator: string): Promise<ListedToken[]> {
  return await readHeldTokens(db, { kind: 'operator', id: operator }, ambient.now())
}

/** The people of the desk, newest first, and whom pending proposals would add. */
export async function listOperators(
  { db }: OperatorDesk,
  page: { before?: string; limit: number },
): Promise<{ operators: ListedOperator[]; proposed: (Operator & { proposal: string })[] }> {
  const operators = await readOperators(db, page)
  return { operators, proposed: page.before === undefined ? await readCandidates(db) : [] }
}
