import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs'

/** Readable by its owner alone. */
export const SECRET_MODE = 0o600
export const PUBLIC_MODE = 0o644

/** Replaces a file whole, on the disk before its name is: whoever is killed leaves the old one or the new one. */
export function writeWhole(path: string, text: string, mode: number): void {
  const draft = `${path}.draft`
  const file = openSync(draft, 'w', mode)
  try {
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(draft, path)
}
