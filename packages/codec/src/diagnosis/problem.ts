import { type Explanation, explainReason } from '../explanation.ts'
import type { Malformation } from '../malformation.ts'
import type { DiagnosisProblem, DiagnosisReason, Severity } from './diagnosis.ts'

type Found = Exclude<DiagnosisReason, Malformation['reason']>

const FOUND: Readonly<Record<Found, { readonly clause: string; readonly severity: Severity } & Explanation>> =
  {
    'more-than-one': {
      clause: '5.1',
      severity: 'error',
      zh: '该文本含有不止一个码；请逐个查验，它们不会被拼接成一个',
      en: 'the text holds more than one code; check them one by one, they are never joined into one',
    },
    'ambiguous-dialect': {
      clause: '5.1',
      severity: 'open',
      zh: '该文本在不止一种写法下都成立；仅凭文本无法判定是哪一种',
      en: 'the text is well formed in more than one dialect; the text alone does not tell which was meant',
    },
    'version-unsupported': {
      clause: '5.3',
      severity: 'open',
      zh: '版本在 1~Z 之内，但现行文件只约定版本 1',
      en: 'the version is within 1..Z, but only version 1 is defined today',
    },
    'provider-width-disputed': {
      clause: '5.4',
      severity: 'open',
      zh: '六位服务方标识：范围写作 1~ZZZZZ（五位），而“约 20 亿”对应六位；可解析，本根不分配',
      en: 'six symbols: the range is printed as 1~ZZZZZ, yet "about 2 billion" needs six; it parses, but this root assigns none',
    },
    'code-prefix': {
      clause: '5.1',
      severity: 'note',
      zh: '这是服务方或请求方的码前缀，不是智能体的身份码',
      en: 'this is the code prefix of a provider or requester, not the code of an agent',
    },
    'dialect-foreign': {
      clause: '5.1',
      severity: 'error',
      zh: '不是 GB/Z 185.2 的结构',
      en: 'this is not the structure of GB/Z 185.2',
    },
    'check-undecidable': {
      clause: '5.1',
      severity: 'open',
      zh: '校验段由服务方的保密盐计算；没有盐就无法核对，也不作猜测',
      en: 'the check segment depends on a secret salt of the provider; without it nothing can be said, and it is never guessed',
    },
    'check-mismatch': { clause: '5.1', severity: 'error', zh: '校验值不符', en: 'the check does not match' },
    'check-too-large': {
      clause: '5.1',
      severity: 'error',
      zh: '校验段大于 1EKF（0xFFFF），任何盐都不可能得到',
      en: 'the check is above 1EKF (0xFFFF), which no salt can give',
    },
    'check-width': {
      clause: '5.1',
      severity: 'error',
      zh: '校验段应为四位',
      en: 'a check segment has four symbols',
    },
    'check-zero-stripped': {
      clause: '5.1',
      severity: 'note',
      zh: '补回前导零后校验相符：这是去掉前导零却未重算校验的 v2.0 码',
      en: 'the check matches once the zeros are put back: a v2.0 code stripped of its zeros without a new check',
    },
  }

/** A finding of the diagnosis itself; `detail` is added to the explanation. */
export function found(
  reason: Found,
  segment: string,
  offset: number,
  detail?: Explanation,
): DiagnosisProblem {
  const { clause, severity, zh, en } = FOUND[reason]
  const explain = detail === undefined ? { zh, en } : { zh: `${zh}：${detail.zh}`, en: `${en}: ${detail.en}` }
  return { reason, severity, segment, offset, clause, explain }
}

/** A malformation as a finding. Leading zeros are an open point of the standard, which this registry refuses; all else is an error. */
export function malformed(fault: Malformation, severity?: Severity): DiagnosisProblem {
  const { reason, segment, offset, clause } = fault
  const judged = severity ?? (reason === 'leading-zero' ? 'open' : 'error')
  return { reason, severity: judged, segment, offset, clause, explain: explainReason(reason, segment) }
}
