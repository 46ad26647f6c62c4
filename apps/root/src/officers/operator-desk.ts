import { issuerTables, type OperatorDesk } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'

import type { RootDeps } from '../deps.ts'
import { ROOT_PERMISSIONS } from '../permissions.ts'

/** The desk's own affairs at a root: an officer begins a session with the key that decides, and with no other. */
export function operatorDesk({ node, decisions }: RootDeps): OperatorDesk {
  const { db, ambient, entityId, authenticate } = node
  return {
    db: issuerTables(db),
    ambient,
    entityId,
    authenticate,
    permissions: ROOT_PERMISSIONS,
    async mayBeginWith({ kid, role }) {
      if (role !== 'officer') return true
      try {
        return (await decisions.currentSet()).claims.keys.some((key) => key.kid === kid)
      } catch (error) {
        if (error instanceof RegistryError && error.code === 'officers-not-enrolled') return false
        throw error
      }
    },
  }
}
