import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Ambient } from '@arc3088/service'

import { openJournal, type OpenJournal } from '../src/index.ts'
import { createWriteGate, type SettableWriteGate } from '../src/journal/write-gate.ts'

/** A real journal in a folder of its own, and a gate that is open until the journal fails. */
export interface TestJournal extends AsyncDisposable {
  readonly journal: OpenJournal
  readonly gate: SettableWriteGate
}

/** Opens it; what one process of a test writes, no other reads. */
export async function openTestJournal(ambient: Ambient): Promise<TestJournal> {
  const directory = mkdtempSync(join(tmpdir(), 'arc3088-test-journal-'))
  const gate = createWriteGate(() => undefined)
  gate.open()
  const journal = await openJournal({
    directory,
    entityId: 'https://p1.example',
    ambient,
    onFailure: (error) => gate.shut(error.message),
  })
  return {
    journal,
    gate,
    async [Symbol.asyncDispose]() {
      await journal.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
