import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

import { decodeBase64url, encodeBase64url } from '@arc3088/records'
import type { Checkpoint } from '@arc3088/tlog'

import { UsageError } from '../failure.ts'

/** What `--state` remembers of a log: the newest checkpoint that was found sound. */
export function readLogState(file: string): Checkpoint | undefined {
  if (!existsSync(file)) return undefined
  const value = readJson(file)
  const members = new Map(typeof value === 'object' && value !== null ? Object.entries(value) : [])
  const origin: unknown = members.get('origin')
  const size: unknown = members.get('size')
  const root: unknown = members.get('root')
  const bytes = typeof root === 'string' ? decodeBase64url(root) : undefined
  if (
    typeof origin !== 'string' ||
    typeof size !== 'number' ||
    bytes?.length !== 32 ||
    !Number.isSafeInteger(size)
  ) {
    throw new UsageError(`--state: ${file} is not what this command wrote`)
  }
  return { origin, size, root: bytes }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) throw new UsageError(`--state: ${file} is not what this command wrote`)
    throw error
  }
}

/** Whole or not at all: half a memory would be none. */
export function writeLogState(file: string, { origin, size, root }: Checkpoint): void {
  const draft = `${file}.draft`
  writeFileSync(draft, `${JSON.stringify({ origin, size, root: encodeBase64url(root) })}\n`)
  renameSync(draft, file)
}
