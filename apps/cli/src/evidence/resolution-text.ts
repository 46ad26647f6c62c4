import type { Verdict } from '@arc3088/trust'

import { columns } from '../columns.ts'
import type { JsonObject } from '../node/json-object.ts'
import { shown } from '../shown.ts'
import { verdictWords } from './verdict-words.ts'

/**
 * An assessment or a resolver's answer for people: the verdict first, then why, who answers for the code, and each step
 * of the verification. Members that are not there, or are not what they should be, are left out.
 */
export function resolutionText(answer: JsonObject, verdict: Verdict): string {
  const validUntil = answer['valid_until']
  const until =
    typeof validUntil === 'number' ? `, 至 until ${new Date(validUntil * 1000).toISOString()}` : ''
  const steps = objectsOf(answer['checks']).map(({ ok, name, detail }) => {
    return [ok === true ? '✓' : '✗', textOf(name), textOf(detail)]
  })
  return [
    `${textOf(answer['code'])}: ${verdictWords(verdict)}${until}`,
    ...objectsOf(answer['reasons']).map(reasonText),
    ...objectsOf([answer['provider']]).map(providerText),
    ...objectsOf([answer['recognition']]).map(recognitionText),
    ...objectsOf(answer['advisories']).map(advisoryText),
    ...(steps.length === 0 ? [] : [columns(steps, '  ')]),
  ].join('\n')
}

function reasonText({ code, detail, subject }: JsonObject): string {
  return `  ${textOf(code)}: ${textOf(detail)}${subject === undefined ? '' : ` (${textOf(subject)})`}`
}

function providerText({ code, organization, entity_id: entityId }: JsonObject): string {
  const [{ name } = {}] = objectsOf([organization])
  return `  服务方 provider  ${textOf(code)}  ${textOf(name)}  ${textOf(entityId)}`
}

/** Under which agreement a code of another root counts, and how old the list is that says so. */
function recognitionText({
  trust_anchor: anchor,
  territory,
  state,
  since,
  agreement,
  list,
}: JsonObject): string {
  const [{ jti, hash } = {}] = objectsOf([agreement])
  const [{ seq, age } = {}] = objectsOf([list])
  const from = typeof since === 'number' ? ` since ${new Date(since * 1000).toISOString()}` : ''
  return [
    `  互认 recognition  ${textOf(anchor)} (${textOf(territory)}): ${textOf(state)}${from}`,
    `  协议 agreement  ${textOf(jti)}  ${textOf(hash)}`,
    `  名单 list  ${String(seq)}, ${String(age)} s old`,
  ].join('\n')
}

/** A warning or a recall that the root has ordered, and where it stands (P-09). */
function advisoryText({ severity, title, uri }: JsonObject): string {
  const [{ zh, en } = {}] = objectsOf([title])
  return `  公告 advisory  ${textOf(severity)}: ${[textOf(zh), textOf(en)].filter((text) => text !== '').join(' ')}  ${textOf(uri)}`
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? shown(value) : ''
}

function objectsOf(value: unknown): JsonObject[] {
  return (Array.isArray(value) ? value : []).filter(
    (each): each is JsonObject => typeof each === 'object' && each !== null,
  )
}
