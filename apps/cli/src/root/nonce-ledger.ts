import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { parseStrictJson } from '@arc3088/records'

import { Refusal } from '../failure.ts'

const LEDGER_MODE = 0o700
const ENTRY_MODE = 0o600
const ENDING = '.json'

/** What is kept of one ceremony. */
export interface LedgerEntry {
  readonly nonce: string
  /** `digest` of the request. */
  readonly request: string
  readonly iss: string
  readonly seq: number
  /** Hash of the key set that was asked for. */
  readonly set: string
  readonly at: string
}

/** The ceremonies of one side: a folder with a file for each nonce, which is never removed. */
export interface NonceLedger {
  find(nonce: string): LedgerEntry | undefined
  entries(): readonly LedgerEntry[]
  /** Notes a nonce for ever, before anything is done about it. @throws Refusal `nonce-used` where it is known. */
  note(entry: LedgerEntry): void
}

/** Opens the ledger in a folder, which need not be there yet. */
export function openLedger(folder: string): NonceLedger {
  const read = (name: string): LedgerEntry => readEntry(join(folder, name))
  const names = () => readNames(folder)
  return {
    find(nonce) {
      const name = `${nonce}${ENDING}`
      return names().includes(name) ? read(name) : undefined
    },
    entries: () => names().map(read),
    note(entry) {
      mkdirSync(folder, { recursive: true, mode: LEDGER_MODE })
      writeEntry(join(folder, `${entry.nonce}${ENDING}`), entry)
    },
  }
}

function readNames(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(ENDING))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

/** The file is made where none is, so that of two at once one alone goes on; and it is on the disk before that. */
function writeEntry(file: string, entry: LedgerEntry): void {
  let descriptor: number
  try {
    descriptor = openSync(file, 'wx', ENTRY_MODE)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST')
      throw new Refusal('nonce-used', `${entry.nonce} was answered before; a nonce never repeats`)
    throw error
  }
  try {
    writeSync(descriptor, `${JSON.stringify(entry)}\n`)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  const folder = openSync(dirname(file), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

function readEntry(file: string): LedgerEntry {
  const value: unknown = parseStrictJson(readFileSync(file, 'utf8'))
  const { nonce, request, iss, seq, set, at } = {
    nonce: '',
    request: '',
    iss: '',
    seq: 0,
    set: '',
    at: '',
    ...(typeof value === 'object' ? value : {}),
  }
  // Half an entry is of a ceremony that broke off: what it was about cannot be told, and must not be guessed.
  if (nonce === '' || set === '' || typeof seq !== 'number')
    throw new Refusal('ledger-damaged', `${file} is no entry of a ledger`)
  return { nonce, request, iss, seq, set, at }
}
