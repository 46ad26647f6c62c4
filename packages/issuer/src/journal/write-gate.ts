import { RegistryError } from '@arc3088/problems'

/** Whether this process may write, and why not. */
export type WriteMode = 'read-write' | { readonly readOnly: string }

/** Asked before every write: by the callers of `assignAll`, the transactions of `setStatus`, and the sequencer. */
export interface WriteGate {
  mode(): WriteMode
  /** Throws `node-read-only` (503) where the mode is not read-write. */
  demandWritable(): void
}

/** A gate with its handles: whoever checks opens it, and whoever finds harm shuts it for good. */
export interface SettableWriteGate extends WriteGate {
  /** Opens the gate after the restore check agreed; does nothing once it was shut. */
  open(): void
  /** Shuts the gate until the process ends: the first reason stays. */
  shut(reason: string): void
}

/** Builds a gate that is read-only until the restore check opens it. `onChange` hears the reason, or undefined. */
export function createWriteGate(onChange: (readOnly: string | undefined) => void): SettableWriteGate {
  let mode: WriteMode = { readOnly: 'the restore check has not been made yet' }
  let shut = false
  onChange(mode.readOnly)
  return {
    mode: () => mode,
    demandWritable() {
      if (mode === 'read-write') return
      throw new RegistryError('node-read-only', `This node only reads now: ${mode.readOnly}`)
    },
    open() {
      if (shut) return
      mode = 'read-write'
      onChange(undefined)
    },
    shut(reason) {
      if (shut) return
      shut = true
      mode = { readOnly: reason }
      onChange(reason)
    },
  }
}
