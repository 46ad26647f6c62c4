import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

import { PublicJwk } from '@arc3088/records'
import { ConfigError } from '@arc3088/service'
import { z } from 'zod'

import type { Enrolment } from './enrol-officers.ts'

/** How the ceremony is called: `--name` and `--key` once an officer, in pairs. */
export const OFFICERS_USAGE =
  'officers:enrol --name NAME --key PUBLIC-JWK-FILE [--name … --key …] [--threshold M] [--threshold-of KIND=M] [--recover]'

/** Reads who is enrolled and how many of them decide; throws ConfigError naming what is wrong. */
export function readEnrolment(argv: readonly string[]): Enrolment {
  const { values } = parse(argv)
  const names = values.name ?? []
  const files = values.key ?? []
  if (names.length < 3 || names.length !== files.length)
    throw new ConfigError([`as many --key as --name, and three officers at least; use ${OFFICERS_USAGE}`])
  const officers = names.map((name, nth) => ({ name, jwk: readPublicKey(files[nth] ?? '') }))
  const thresholds = Object.fromEntries((values['threshold-of'] ?? []).map(readThresholdOf))
  return {
    officers,
    threshold: readCount(values.threshold),
    recover: values.recover,
    ...(Object.keys(thresholds).length === 0 ? {} : { thresholds }),
  }
}

/** Reads an operator's own public key; throws ConfigError for a private one, which never comes to a node. */
export function readPublicKey(file: string): PublicJwk {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new ConfigError([`--key ${file}: ${error instanceof Error ? error.message : String(error)}`])
  }
  if (z.object({ d: z.string() }).safeParse(value).success)
    throw new ConfigError([`--key ${file}: a private key; an officer's own key never comes to a node`])
  const parsed = PublicJwk.safeParse(value)
  if (!parsed.success) throw new ConfigError([`--key ${file}: ${z.prettifyError(parsed.error)}`])
  return parsed.data
}

function readThresholdOf(text: string): [string, number] {
  const [kind = '', count = ''] = text.split('=')
  return [kind, readCount(count)]
}

function readCount(text: string): number {
  const count = z.coerce.number().int().min(2).safeParse(text)
  if (!count.success) throw new ConfigError([`--threshold ${text}: two officers or more decide`])
  return count.data
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        name: { type: 'string', multiple: true },
        key: { type: 'string', multiple: true },
        threshold: { type: 'string', default: '2' },
        'threshold-of': { type: 'string', multiple: true },
        recover: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    throw new ConfigError([
      `${error instanceof Error ? error.message : String(error)}; use ${OFFICERS_USAGE}`,
    ])
  }
}
