import { existsSync, renameSync, writeFileSync } from 'node:fs'

import { createKeySetMemory, formatSeenKeySet, readSeenKeySet, type KeySetMemory } from '@arc3088/client'
import type { PinnedAnchor, SeenKeySet } from '@arc3088/trust'

import { Refusal } from '../failure.ts'
import type { Terminal } from '../terminal.ts'
import { readTextFile } from './read-evidence-file.ts'

/** Beside the pinned key set: the newest one that was met from there. */
function memoryFile(anchorFile: string): string {
  return `${anchorFile}.seen`
}

/**
 * The memory of the key sets that were met from a pinned one, in a file beside it. @throws Refusal where that file is
 * damaged: whoever cannot tell what was met before must not go on as if nothing was.
 */
export async function openKeySetMemory(
  anchorFile: string,
  anchor: PinnedAnchor,
  terminal: Terminal,
): Promise<KeySetMemory> {
  const file = memoryFile(anchorFile)
  const known = existsSync(file) ? await readSeenKeySet(anchor, readTextFile(file)) : 'other'
  if (known === 'unreadable')
    throw new Refusal('memory-damaged', `${file} does not say which key set was met; remove it to begin anew`)
  return createKeySetMemory(known === 'other' ? undefined : known, (set) => {
    void keep(file, anchor, set, terminal)
  })
}

/** Where the folder is not ours to write, what was met is forgotten; the answer is no worse for it. */
async function keep(file: string, anchor: PinnedAnchor, set: SeenKeySet, terminal: Terminal): Promise<void> {
  const draft = `${file}.${process.pid}.draft`
  const text = await formatSeenKeySet(anchor, set)
  try {
    writeFileSync(draft, text)
    renameSync(draft, file)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    terminal.complain(`the newest key set is not remembered: ${why}\n`)
  }
}
