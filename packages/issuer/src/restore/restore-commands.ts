import { parseArgs } from 'node:util'

import { connect } from '@arc3088/db'
import { RegistryError } from '@arc3088/problems'
import {
  ConfigError,
  IssuingNodeEnvironment,
  openOutboundDoor,
  readEnvironment,
  systemAmbient,
  type Ambient,
} from '@arc3088/service'
import { z } from 'zod'

import type { IssuerTables } from '../db/tables.ts'
import { openJournal } from '../journal/open-journal.ts'
import { createWitnessAsker, type WitnessAddress } from '../witness/ask-witness.ts'
import { burnLost } from './burn.ts'
import { checkRestore, type RestoreParts } from './check-restore.ts'
import { describeVerdict } from './restore-verdict.ts'
import { skipAhead } from './skip-ahead.ts'

/** How the commands of this file are called. */
export const RESTORE_USAGE =
  'restore:check | restore:burn --confirm ENTITY_ID [--skip-ahead COUNT [--close-chosen]]'

/** What the commands are given by the node. */
export interface RestoreCommand {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly service: string
  /** Who witnesses the log of this node, as far as its own database knows. */
  witnessesOf(databaseUrl: string): Promise<readonly WitnessAddress[]>
  /** The entity under which the database was begun, as it says itself; undefined where it is the node's own. */
  foundedAs?(databaseUrl: string): Promise<string | undefined>
  write(line: string): void
}

const ACTOR = 'command:restore'

const RestoreEnvironment = IssuingNodeEnvironment.pick({
  ENTITY_ID: true,
  DATABASE_URL: true,
  ALLOW_LOOPBACK_HTTP: true,
}).extend({ JOURNAL_DIR: z.string().min(1) })

/** `restore:check`: says whether the database agrees with journal and witnesses. Throws `restore-refused` where not. */
export async function runRestoreCheck(command: RestoreCommand): Promise<void> {
  await withParts(command, async ({ parts }) => {
    const { verdict, witnesses } = await checkRestore(parts)
    for (const word of witnesses) {
      command.write(`witness ${word.url}: ${word.kind}${word.kind === 'silent' ? ` (${word.detail})` : ''}`)
    }
    if (verdict.kind !== 'agrees') throw new RegistryError('restore-refused', describeVerdict(verdict))
    command.write(describeVerdict(verdict))
  })
}

/**
 * `restore:burn`: gives up what a life of the database that is lost had given out, by the journal; or, where the journal
 * is lost, a stated number of numbers of every range. Every process of the node is started again afterwards.
 */
export async function runRestoreBurn(command: RestoreCommand, args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      confirm: { type: 'string' },
      'skip-ahead': { type: 'string' },
      'close-chosen': { type: 'boolean', default: false },
    },
  })
  const count = readCount(values['skip-ahead'])
  await withParts(command, async ({ parts, ambient, entityId }) => {
    if (values.confirm !== entityId) {
      throw new ConfigError([`restore:burn changes the database for good: say --confirm ${entityId}`])
    }
    const report =
      count === undefined
        ? await burnLost(parts, { ambient, operator: ACTOR })
        : await skipAhead(parts, { ambient, operator: ACTOR, count, closeChosen: values['close-chosen'] })
    command.write(report === 'nothing-to-burn' ? 'nothing to burn' : `burnt: ${JSON.stringify(report)}`)
  })
}

async function withParts(
  { environment, service, witnessesOf, foundedAs, write }: RestoreCommand,
  work: (given: { parts: RestoreParts; ambient: Ambient; entityId: string }) => Promise<void>,
): Promise<void> {
  const env = readEnvironment(RestoreEnvironment, environment)
  const ambient = systemAmbient()
  const db = connect<IssuerTables>({
    url: env.DATABASE_URL,
    max: 2,
    applicationName: `${service}-restore`,
    onIdleError: (error) => write(`database: ${error.message}`),
  })
  const door = openOutboundDoor({ allowLoopbackHttp: env.ALLOW_LOOPBACK_HTTP })
  try {
    const journal = await openJournal({
      directory: env.JOURNAL_DIR,
      entityId: (await foundedAs?.(env.DATABASE_URL)) ?? env.ENTITY_ID,
      ambient,
      onFailure: (error) => write(`journal: ${error.message}`),
    })
    const parts = {
      db,
      journal,
      witnesses: await witnessesOf(env.DATABASE_URL),
      askWitness: createWitnessAsker(door, ambient),
    }
    await work({ parts, ambient, entityId: env.ENTITY_ID })
    await journal.close()
  } finally {
    door.close()
    await db.destroy()
  }
}

function readCount(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const count = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(count)) return count
  throw new ConfigError([`--skip-ahead ${text}: how many numbers of every range are given up`])
}
