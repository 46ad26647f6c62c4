import { z } from 'zod'

/** A field of application, as the policy text lists them. */
export interface Scenario {
  /** Item of the "Implementation Opinions" of 8 May 2026. */
  readonly item: number
  readonly zh: string
  readonly en: string
}

/** Items 15 to 33 of the policy; from the scenario follows how strictly an agent is governed (item 11). */
export const SCENARIOS = {
  'scientific-research': { item: 15, zh: '科学研究探索', en: 'Scientific research and exploration' },
  'research-and-development': { item: 16, zh: '研发支持', en: 'R&D support' },
  'intelligent-manufacturing': { item: 17, zh: '智能制造', en: 'Intelligent manufacturing' },
  'energy-and-resources': { item: 18, zh: '能源资源', en: 'Energy and resources' },
  transportation: { item: 19, zh: '交通运输', en: 'Transportation' },
  agriculture: { item: 20, zh: '农业生产', en: 'Agricultural production' },
  finance: { item: 21, zh: '金融服务', en: 'Financial services' },
  'terminal-applications': { item: 22, zh: '终端应用', en: 'Terminal applications' },
  'culture-and-tourism': { item: 23, zh: '文化旅游', en: 'Culture and tourism' },
  'commercial-services': { item: 24, zh: '商业服务', en: 'Commercial services' },
  education: { item: 25, zh: '教育教学', en: 'Education and teaching' },
  healthcare: { item: 26, zh: '医疗健康', en: 'Healthcare' },
  'human-resources': { item: 27, zh: '人力资源', en: 'Human resources' },
  'information-services': { item: 28, zh: '信息服务', en: 'Information services' },
  'government-services': { item: 29, zh: '政务服务', en: 'Government services' },
  'judicial-services': { item: 30, zh: '司法服务', en: 'Judicial services' },
  'public-safety': { item: 31, zh: '公共安全', en: 'Public safety' },
  'urban-governance': { item: 32, zh: '城市治理', en: 'Urban governance' },
  bidding: { item: 33, zh: '招标投标', en: 'Bidding and tendering' },
} as const satisfies Record<string, Scenario>

/** The stable name of a scenario. */
export type ScenarioName = keyof typeof SCENARIOS

/** Every name, in the order of the policy's items. */
export const SCENARIO_NAMES = Object.keys(SCENARIOS) as [ScenarioName, ...ScenarioName[]]

/** Reads a scenario's name. */
export const ScenarioName = z.enum(SCENARIO_NAMES)

/** How strictly a field is governed: `sensitive` ones need human review and evidence before a code (policy item 11). */
export const SCENARIO_TIERS = ['sensitive', 'ordinary'] as const
export const ScenarioTier = z.enum(SCENARIO_TIERS)
export type ScenarioTier = z.infer<typeof ScenarioTier>

/** The tier of every scenario. */
export type ScenarioTiers = Readonly<Record<ScenarioName, ScenarioTier>>

const FIRST_SENSITIVE: readonly ScenarioName[] = [
  'transportation',
  'finance',
  'healthcare',
  'government-services',
  'judicial-services',
  'public-safety',
]

/** 8 May 2026, the day of the policy: since when the first tiers hold. */
export const FIRST_TIERS_SINCE = 1_778_198_400

/** The tiers until a root decides others: the policy leaves the fields to the regulators, and names these (items 11, 3). */
export const FIRST_TIERS: ScenarioTiers = Object.fromEntries(
  SCENARIO_NAMES.map((name) => [name, FIRST_SENSITIVE.includes(name) ? 'sensitive' : 'ordinary']),
) as Record<ScenarioName, ScenarioTier>
