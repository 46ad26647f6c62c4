import { connect } from '@arc3088/db'
import type { KeyCommandOptions } from '@arc3088/issuer'
import { PROVIDER_ENTITY_TYPE, readSubordinateStatement } from '@arc3088/records'

import { readWord } from '../appointment/appointment.store.ts'
import type { ProviderTables } from '../db/tables.ts'

/** A provider's keys are endorsed by the root, and its log is held to the quorum of the root's last word. */
export function providerKeyCommands(): KeyCommandOptions {
  return {
    endorsedBy: 'root',
    async logQuorum(url) {
      const db = connect<ProviderTables>({
        url,
        max: 1,
        applicationName: 'provider-keys',
        onIdleError: () => undefined,
      })
      try {
        const stored = await readWord(db)
        const read = stored === undefined ? undefined : readSubordinateStatement(stored.word.statement)
        if (read?.kind !== 'read') return 0
        return read.claims.metadata[PROVIDER_ENTITY_TYPE].tlog?.quorum ?? 0
      } finally {
        await db.destroy()
      }
    },
  }
}
