import type { Verdict } from '@arc3088/trust'

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

/** A verdict in both languages. */
export function verdictWords(verdict: Verdict): string {
  return `${VERDICT_ZH[verdict]} ${verdict}`
}
