import type { Malformation, MalformationReason } from './malformation.ts'
import type { SegmentName } from './segment.ts'

/** One statement for people, in Chinese and in English. */
export interface Explanation {
  readonly zh: string
  readonly en: string
}

const SEGMENTS: Readonly<Record<SegmentName, Explanation>> = {
  code: { zh: '身份码', en: 'the code' },
  prefix: { zh: '智能体身份码 OID', en: 'the root prefix' },
  version: { zh: '智能体身份码版本', en: 'the version' },
  provider: { zh: '智能体身份注册服务方', en: 'the provider' },
  requester: { zh: '智能体身份注册请求方', en: 'the requester' },
  ontology: { zh: '智能体本体序列号', en: 'the ontology serial' },
  instance: { zh: '智能体实例序列号', en: 'the instance serial' },
  serial: { zh: '自定义序列号', en: 'the custom serial' },
  extra: { zh: '多余的部分', en: 'what follows the last segment' },
}

const REASONS: Readonly<Record<MalformationReason, Explanation>> = {
  'not-text': { zh: '输入不是文本', en: 'the input is not text' },
  empty: { zh: '文本为空', en: 'the text is empty' },
  'too-long': { zh: '文本超过长度上限', en: 'the text is longer than any code can be' },
  space: { zh: '中间不留空格', en: 'a code holds no space' },
  character: { zh: '只允许 0~9 和 A~Z', en: 'only 0-9 and A-Z are symbols' },
  'prefix-unknown': {
    zh: '前缀不是已知的根标识（境外根标识须经互认协议）',
    en: 'the text begins with no known root prefix (that of another root needs a recognition agreement)',
  },
  'prefix-not-oid': { zh: '前缀不是合法的数字 OID', en: 'the prefix is not a numeric OID' },
  'empty-segment': { zh: '两个小数点之间或末尾小数点之后为空', en: 'a dot is followed by nothing' },
  'leading-zero': {
    zh: '标识从 1 起，不带前导零；不会自动去除',
    en: 'a number has no leading zeros; they are never stripped silently',
  },
  zero: {
    zh: '标识范围从 1 起，0 仅表示本体的实例序列号',
    en: 'the range begins at 1; 0 stands only for the instance of an ontology',
  },
  'segment-too-long': { zh: '超过标识范围的位数', en: 'the segment has more symbols than its range' },
  'segment-missing': { zh: '缺少该组成部分', en: 'the segment is missing' },
  'segment-extra': { zh: '多于规定的层级', en: 'there are more levels than the structure has' },
  'marker-missing': {
    zh: '数字别名缺少标记弧 0',
    en: 'a numeric alias has the marker arc 0 after the prefix',
  },
  'out-of-range': { zh: '数字超出标识范围', en: 'the number is above the range of its segment' },
}

/** Says in both languages what a malformation means. */
export function explainMalformation(fault: Malformation): Explanation {
  return explainReason(fault.reason, fault.segment)
}

/** Says in both languages what a broken rule means for a segment. */
export function explainReason(reason: MalformationReason, segment: SegmentName): Explanation {
  return {
    zh: `${SEGMENTS[segment].zh}：${REASONS[reason].zh}`,
    en: `${SEGMENTS[segment].en}: ${REASONS[reason].en}`,
  }
}

/** Says what one well-formed segment of a code stands for, as annex C does. */
export function explainSegment(segment: SegmentName, text: string): Explanation {
  if (segment === 'prefix') return explainPrefix(text)
  if (segment === 'instance' && /^0+$/.test(text)) {
    return { zh: '0 表示注册对象为本体本身', en: '0 means the ontology itself' }
  }
  return { zh: `${SEGMENTS[segment].zh} ${text}`, en: `${SEGMENTS[segment].en} ${text}` }
}

function explainPrefix(text: string): Explanation {
  if (text !== '1.2.156.3088') {
    return {
      zh: `其他根的智能体身份码 OID ${text}（附录 B c）`,
      en: `the prefix of another root, ${text} (annex B c)`,
    }
  }
  return {
    zh: '1 表示 ISO，2 表示国家成员体，156 表示中国，3088 表示智能体节点',
    en: '1 is ISO, 2 the member bodies, 156 China, 3088 the agent node',
  }
}
