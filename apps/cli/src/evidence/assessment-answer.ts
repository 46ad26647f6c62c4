import { exitCodeOf, type Assessment, type Verdict } from '@arc3088/trust'

import type { Answer } from '../answers.ts'
import { columns } from '../columns.ts'
import { shown } from '../shown.ts'

const VERDICT_ZH: Readonly<Record<Verdict, string>> = {
  malformed: '格式错误',
  'unsupported-version': '版本不支持',
  'signature-invalid': '签名无效',
  'chain-invalid': '信任链无效',
  'not-recognised': '未获承认',
  stale: '证据过期',
  indeterminate: '无法判定',
  'not-assigned': '未分配',
  revoked: '已撤销',
  recalled: '已召回',
  'recognition-suspended': '互认中止',
  'provider-suspended': '服务方暂停',
  'requester-suspended': '请求方暂停',
  suspended: '已暂停',
  'provider-retired': '服务方已终止',
  retired: '已停用',
  expired: '已到期',
  'recognised-historically': '历史承认',
  superseded: '有效（已有后继）',
  valid: '有效',
}

/** What is said of one assessment. */
export function assessmentAnswer(assessment: Assessment): Answer {
  return { json: assessment, text: assessmentText(assessment), exitCode: exitCodeOf(assessment.verdict) }
}

/** The verdict first, then why, who answers for the code, and each step of the verification. */
export function assessmentText(assessment: Assessment): string {
  const { code, verdict, valid_until: validUntil, reasons, checks, provider } = assessment
  const until = validUntil === null ? '' : `, 至 until ${new Date(validUntil * 1000).toISOString()}`
  const organization = provider?.organization
  const who =
    provider === undefined
      ? []
      : [
          `  服务方 provider  ${provider.code}  ${shown(organization?.name ?? '')}  ${shown(provider.entity_id)}`,
        ]
  const steps = checks.map(({ name, ok, detail }) => [ok ? '✓' : '✗', name, shown(detail)])
  return [
    `${shown(code)}: ${VERDICT_ZH[verdict]} ${verdict}${until}`,
    ...reasons.map(({ code: reason, detail, subject }) => {
      return `  ${reason}: ${shown(detail)}${subject === undefined ? '' : ` (${shown(subject)})`}`
    }),
    ...who,
    columns(steps, '  '),
  ].join('\n')
}
