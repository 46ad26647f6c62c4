/** One row of the catalogue: what a refusal is called, in both languages, and how HTTP says it. */
interface ProblemKind {
  readonly status: number
  readonly title: string
  readonly title_zh: string
  /** The `error` of OpenID Federation 1.0 section 8.9, where this refusal can leave through a federation endpoint. */
  readonly oidf?:
    | 'invalid_request'
    | 'not_found'
    | 'invalid_trust_anchor'
    | 'invalid_trust_chain'
    | 'unsupported_parameter'
    | 'entity_id_not_found'
    | 'server_error'
    | 'temporarily_unavailable'
}

/**
 * Every refusal that any node can give. A key is never renamed and never given another meaning: programs
 * switch on it. Each key has a page at `/problems/<key>`.
 */
export const PROBLEMS = {
  // The request itself
  'request-invalid': {
    status: 400,
    title: 'The request is not well formed',
    title_zh: '请求格式不正确',
    oidf: 'invalid_request',
  },
  'at-in-future': {
    status: 400,
    title: 'Nobody can answer for an instant that has not come',
    title_zh: '不能回答未来时刻的状态',
  },
  'code-malformed': {
    status: 400,
    title: 'The identity code is malformed',
    title_zh: '智能体身份码格式错误',
    oidf: 'invalid_request',
  },
  'code-version-unsupported': {
    status: 400,
    title: 'This version of the code structure is not supported',
    title_zh: '不支持该身份码版本',
  },
  'idempotency-key-missing': {
    status: 400,
    title: 'An act that assigns needs an Idempotency-Key',
    title_zh: '分配操作必须携带 Idempotency-Key',
  },
  'route-not-found': {
    status: 404,
    title: 'There is nothing at this address',
    title_zh: '该地址不存在',
    oidf: 'not_found',
  },
  'method-not-allowed': {
    status: 405,
    title: 'The method is not allowed here',
    title_zh: '不允许使用该方法',
  },
  'not-acceptable': {
    status: 406,
    title: 'None of the accepted media types can be given',
    title_zh: '无法提供所请求的媒体类型',
  },
  'feed-ahead': {
    status: 400,
    title: 'The change feed has not come that far',
    title_zh: '变更流尚未到达该序号',
  },
  'feed-gone': {
    status: 410,
    title: 'These changes are below what the feed keeps; read them from the snapshot',
    title_zh: '这些变更已超出变更流的保留范围，请从快照读取',
  },
  'request-timeout': {
    status: 408,
    title: 'The request did not arrive in time',
    title_zh: '请求未在规定时间内到达',
  },
  'body-too-large': { status: 413, title: 'The body is too large', title_zh: '请求体过大' },
  'media-type-unsupported': {
    status: 415,
    title: 'The media type is not supported',
    title_zh: '不支持该媒体类型',
  },
  'rate-limited': { status: 429, title: 'Too many requests', title_zh: '请求过于频繁' },

  // Who asks
  unauthenticated: { status: 401, title: 'A valid credential is needed', title_zh: '需要有效的凭据' },
  forbidden: { status: 403, title: 'This principal may not do this', title_zh: '该主体无权执行此操作' },
  'request-signature-invalid': {
    status: 401,
    title: 'The signed request does not verify',
    title_zh: '签名请求验证失败',
  },

  // Retries and preconditions
  'idempotency-key-reused': {
    status: 422,
    title: 'The Idempotency-Key was used with another body',
    title_zh: 'Idempotency-Key 已用于不同的请求体',
  },
  'request-in-progress': {
    status: 409,
    title: 'The same request is still being worked on elsewhere',
    title_zh: '相同请求正在处理中',
  },
  'precondition-required': {
    status: 428,
    title: 'An update needs If-Match',
    title_zh: '更新操作必须携带 If-Match',
  },
  'precondition-failed': {
    status: 412,
    title: 'The object has changed since it was read',
    title_zh: '对象已被修改',
  },

  // Codes
  'code-not-mine': {
    status: 404,
    title: 'This node does not answer for that code',
    title_zh: '该节点不负责此身份码',
  },
  'code-taken': {
    status: 409,
    title: 'The code is assigned and is never assigned again',
    title_zh: '该编码已分配，且永不重新分配',
  },
  'code-not-found': {
    status: 404,
    title: 'This code was never assigned',
    title_zh: '该编码从未分配',
  },
  'log-proof-pending': {
    status: 404,
    title: 'No witnessed checkpoint of the log covers this record yet',
    title_zh: '日志中尚无经见证的检查点覆盖该记录',
  },
  'code-state': {
    status: 409,
    title: 'The code is not in a state that allows this',
    title_zh: '编码当前状态不允许此操作',
  },
  'number-out-of-plan': {
    status: 422,
    title: 'The wished number is outside the ranges from which numbers may be chosen',
    title_zh: '所选编号不在可自选的编号范围内',
  },
  'numbering-exhausted': {
    status: 503,
    title: 'The numbering range is exhausted',
    title_zh: '编号范围已用尽',
  },
  'range-closed': {
    status: 409,
    title: 'The numbering range is closed',
    title_zh: '编号区段已关闭',
  },
  'range-overlaps': {
    status: 409,
    title: 'The numbering range overlaps another of its level',
    title_zh: '编号区段与同级其他区段重叠',
  },
  'range-taken': {
    status: 409,
    title: 'A numbering range of this name exists at this level',
    title_zh: '该级别已存在同名编号区段',
  },
  'range-unknown': {
    status: 422,
    title: 'There is no numbering range for this business type at this level',
    title_zh: '该级别没有对应业务类型的编号区段',
  },
  'record-lost': {
    status: 410,
    title: 'The code may have been assigned once; its record is lost, and it is never assigned again',
    title_zh: '该编码可能曾被分配，其记录已丢失，且永不重新分配',
  },
  'restore-refused': {
    status: 409,
    title: 'The database cannot be brought back to what was shown of it',
    title_zh: '数据库无法恢复到已公开的状态',
  },

  // Things by their names
  'application-not-found': { status: 404, title: 'There is no such application', title_zh: '申请不存在' },
  'application-received': {
    status: 409,
    title: 'This very application was received before',
    title_zh: '此申请已收到，不再重复受理',
  },
  'application-state': {
    status: 409,
    title: 'The application is not in a state that allows this',
    title_zh: '申请当前状态不允许此操作',
  },
  'provider-state': {
    status: 409,
    title: 'The provider is not in a state that allows this',
    title_zh: '服务方当前状态不允许此操作',
  },
  'provider-suspended': {
    status: 503,
    title: 'The root has suspended this provider: no code is assigned',
    title_zh: '根节点已暂停该服务方，暂停分配编码',
  },
  'provider-retired': {
    status: 409,
    title: 'The provider is retired for ever',
    title_zh: '该服务方已永久退役',
  },
  'custodian-unfit': {
    status: 422,
    title: 'The custodian may not, or does not say that it will, serve what this provider leaves',
    title_zh: '托管方不具备条件，或未声明愿意托管该服务方',
  },
  'entity-unverified': {
    status: 422,
    title: "The entity's published configuration does not bear out what was proposed",
    title_zh: '该实体发布的配置与提案不一致',
  },
  'applicant-unverified': {
    status: 422,
    title: "The applicant's published configuration does not match its application",
    title_zh: '申请方发布的配置与申请不一致',
  },
  'drafts-too-many': {
    status: 409,
    title: 'Too many ontologies of this requester are neither approved nor rejected',
    title_zh: '该请求方尚未审结的智能体本体过多',
  },
  'entity-known': {
    status: 409,
    title: 'This entity has applied or is a provider already',
    title_zh: '该实体已申请或已是服务方',
  },
  'entity-unknown': {
    status: 404,
    title: 'No provider was ever assigned to this entity',
    title_zh: '该实体从未被分配服务方编码',
    oidf: 'not_found',
  },
  'entity-not-listed': {
    status: 400,
    title: 'No list of this node has an entity of that identifier to begin from',
    title_zh: '列表中没有可作为起点的该实体标识',
    oidf: 'entity_id_not_found',
  },
  'parameter-unsupported': {
    status: 400,
    title: 'This parameter is not supported here',
    title_zh: '不支持该请求参数',
    oidf: 'unsupported_parameter',
  },
  'trust-anchor-unknown': {
    status: 404,
    title: 'None of the trust anchors asked for is one of this node',
    title_zh: '所请求的信任锚均不属于该节点',
    oidf: 'invalid_trust_anchor',
  },
  'trust-chain-invalid': {
    status: 400,
    title: 'There is no sound trust chain from the entity to the trust anchor',
    title_zh: '该实体到信任锚之间没有有效的信任链',
    oidf: 'invalid_trust_chain',
  },
  'proposal-not-found': { status: 404, title: 'There is no such proposal', title_zh: '提案不存在' },
  'proposal-pending': {
    status: 409,
    title: 'Another proposal about this object is pending',
    title_zh: '该对象已有待决提案',
  },
  'proposal-decided': { status: 409, title: 'The proposal has been decided', title_zh: '提案已作出决定' },
  'proposal-expired': { status: 409, title: 'The proposal has expired', title_zh: '提案已过期' },
  'proposal-changed': {
    status: 409,
    title: 'What would happen is no longer what was proposed',
    title_zh: '将要执行的内容与提案不一致',
  },
  'proposal-unsigned': {
    status: 409,
    title: 'Whoever proposed this has not signed it yet',
    title_zh: '提案人尚未签署该提案',
  },
  'not-the-proposer': {
    status: 403,
    title: 'Only whoever proposed an act may do this',
    title_zh: '只有提案人可以执行此操作',
  },
  'officer-key-unknown': {
    status: 403,
    title: 'The key is not one of this officer in the officer set in force',
    title_zh: '该密钥不属于该官员在现行官员集合中的密钥',
  },
  'decision-signature-invalid': {
    status: 422,
    title: 'The signature over the decision does not verify',
    title_zh: '决定签名验证失败',
  },
  'officers-not-enrolled': {
    status: 409,
    title: 'No officers have been enrolled at this node',
    title_zh: '该节点尚未登记官员',
  },
  'officers-changed': {
    status: 409,
    title: 'The officers have changed since this was proposed; propose it again',
    title_zh: '提案之后官员集合已变更，请重新提案',
  },
  'decision-unproven': {
    status: 503,
    title: 'No verified decision of the officers bears this out',
    title_zh: '没有经验证的官员决定支持此事项',
    oidf: 'server_error',
  },
  'decision-not-found': { status: 404, title: 'There is no such decision', title_zh: '决定不存在' },
  'advisory-not-found': { status: 404, title: 'There is no such advisory', title_zh: '公告不存在' },
  'advisory-state': {
    status: 409,
    title: 'The advisory is not in a state that allows this',
    title_zh: '公告当前状态不允许此操作',
  },
  'advisory-changed': {
    status: 409,
    title: 'The advisory has come to another version',
    title_zh: '公告已有新版本',
  },
  'advisory-not-affected': {
    status: 403,
    title: 'The advisory does not concern this provider',
    title_zh: '该公告不涉及此服务方',
  },
  'certifier-known': {
    status: 409,
    title: 'The certifier was registered before',
    title_zh: '该认证机构已登记',
  },
  'certifier-not-found': { status: 404, title: 'There is no such certifier', title_zh: '认证机构不存在' },
  'certifier-state': {
    status: 409,
    title: 'The certifier is not in a state that allows this',
    title_zh: '认证机构当前状态不允许此操作',
  },
  'act-unknown': { status: 400, title: 'There is no act of this kind', title_zh: '没有此类行为' },
  'proposer-approves': {
    status: 403,
    title: 'Whoever proposed an act cannot approve it',
    title_zh: '提案人不得审批自己的提案',
  },
  'proposal-about-self': {
    status: 403,
    title: 'Nobody rejects a proposal that takes them from the desk or from office',
    title_zh: '不得否决将自己撤出审批台或职位的提案',
  },
  'operator-exists': { status: 409, title: 'An operator exists already', title_zh: '操作员已存在' },
  'operator-not-found': { status: 404, title: 'There is no such operator', title_zh: '操作员不存在' },
  'operator-disabled': {
    status: 403,
    title: 'The operator has been disabled',
    title_zh: '该操作员已被停用',
  },
  'operator-state': {
    status: 409,
    title: 'The operator is not in a state that allows this',
    title_zh: '操作员当前状态不允许此操作',
  },
  'operator-begun': {
    status: 409,
    title: 'The operator has a credential of their own already, or a key to begin with',
    title_zh: '该操作员已有自己的凭据，或应使用其密钥登录',
  },
  'officers-too-few': {
    status: 409,
    title: 'More officers than decide must remain',
    title_zh: '剩余官员人数必须多于决定所需人数',
  },
  'officer-key-known': {
    status: 409,
    title: 'The key is known at this node already',
    title_zh: '该密钥在本节点已登记',
  },
  'token-not-found': { status: 404, title: 'There is no such token', title_zh: '令牌不存在' },
  'token-label-used': {
    status: 409,
    title: 'A token in force has this label already',
    title_zh: '已有有效令牌使用该标签',
  },
  'token-limit': {
    status: 409,
    title: 'The operator holds as many tokens as are allowed',
    title_zh: '该操作员持有的令牌已达上限',
  },
  'session-proof-invalid': {
    status: 401,
    title: 'The proof does not begin a session',
    title_zh: '该证明不能开启会话',
  },
  'requester-not-found': { status: 404, title: 'There is no such requester', title_zh: '请求方不存在' },
  'requester-state': {
    status: 409,
    title: 'The requester is not in a state that allows this',
    title_zh: '请求方当前状态不允许此操作',
  },
  'ontology-not-found': { status: 404, title: 'There is no such ontology', title_zh: '智能体本体不存在' },
  'ontology-state': {
    status: 409,
    title: 'The ontology is not in a state that allows this',
    title_zh: '智能体本体当前状态不允许此操作',
  },
  'evidence-required': {
    status: 422,
    title: 'An approval in a sensitive field names its evidence',
    title_zh: '敏感领域的审批必须附具证明材料',
  },
  'awaiting-assignment': {
    status: 503,
    title: 'This node has no provider code yet',
    title_zh: '该节点尚未获得服务方编码',
  },

  'appointment-lapsed': {
    status: 503,
    title: "The root's word for this provider has expired or is withdrawn: no code is assigned",
    title_zh: '根节点对该服务方的授权声明已过期或被撤回，暂停分配编码',
  },

  // Keys
  'key-not-endorsed': {
    status: 409,
    title: 'The key is not endorsed yet and may not sign',
    title_zh: '密钥尚未获得背书，不得用于签名',
  },
  'key-not-found': { status: 404, title: 'There is no such key', title_zh: '密钥不存在' },
  'key-state': {
    status: 409,
    title: 'The key is not in a state that allows this',
    title_zh: '密钥当前状态不允许此操作',
  },
  'key-too-early': {
    status: 409,
    title: 'It is too early for this step in the life of the key',
    title_zh: '尚未到执行该密钥操作的时间',
  },
  'key-shared': {
    status: 409,
    title: 'The key is known as that of another entity, or of another application',
    title_zh: '该密钥已属于其他实体或其他申请',
  },
  'key-two-purposes': {
    status: 409,
    title: 'The key serves another purpose or another node already',
    title_zh: '该密钥已用于其他用途或其他节点',
  },
  'key-unavailable': {
    status: 503,
    title: 'This node has no usable key for this purpose now',
    title_zh: '节点当前没有可用于该用途的密钥',
    oidf: 'temporarily_unavailable',
  },

  // Transparency logs and their witnesses
  'checkpoint-conflict': {
    status: 409,
    title: 'The witness knows a checkpoint of another size',
    title_zh: '见证方已知的检查点大小不同',
  },
  'checkpoint-malformed': {
    status: 400,
    title: 'The body is not a checkpoint to be witnessed',
    title_zh: '请求体不是可见证的检查点',
  },
  'checkpoint-unsigned': {
    status: 403,
    title: 'No key of the log signed the checkpoint',
    title_zh: '检查点没有该日志密钥的有效签名',
  },
  'consistency-unproved': {
    status: 422,
    title: 'The proof does not lead from the checkpoint known to this one',
    title_zh: '一致性证明未能证明两个检查点一致',
  },
  'log-forked': {
    status: 409,
    title: 'The log shows two different trees of one size',
    title_zh: '日志出现分叉：同一大小存在两个不同的根',
  },
  'log-known': {
    status: 409,
    title: 'Another log of this provider is known already',
    title_zh: '该服务方已登记其他日志',
  },
  'log-not-own': {
    status: 422,
    title: 'The transparency log is not the one of the entity that names it',
    title_zh: '该透明日志不属于声明它的实体',
  },
  'log-unknown': {
    status: 404,
    title: 'This node witnesses no log of that origin',
    title_zh: '该节点不见证此来源的日志',
  },

  // Other roots and the agreements with them
  'foreign-root-unknown': {
    status: 403,
    title: 'This root is not pinned here',
    title_zh: '该根节点未在本节点固定（登记）',
  },
  'foreign-root-invalid': {
    status: 422,
    title: 'What is said of the other root does not hold together',
    title_zh: '关于该根节点的信息不成立',
  },
  'foreign-root-in-use': {
    status: 409,
    title: 'An agreement with this root is not over',
    title_zh: '与该根节点的协议尚未结束',
  },
  'prefix-overlap': {
    status: 409,
    title: 'The code prefixes overlap',
    title_zh: '编码前缀重叠',
  },
  'agreement-not-found': { status: 404, title: 'There is no such agreement', title_zh: '协议不存在' },
  'agreement-invalid': {
    status: 422,
    title: 'The agreement, or a signature on it, is not valid',
    title_zh: '协议或其签名无效',
  },
  'agreement-state': {
    status: 409,
    title: 'The agreement is not in a state that allows this',
    title_zh: '协议当前状态不允许此操作',
  },
  'agreement-pending': {
    status: 409,
    title: 'Another agreement with this root is pending or in force',
    title_zh: '与该根节点已有待决或有效的协议',
  },
  'agreement-forked': {
    status: 409,
    title: 'Something else was signed in this place before',
    title_zh: '此处此前已签署其他内容',
  },
  'agreement-event-gap': {
    status: 409,
    title: 'Events before this one are missing',
    title_zh: '缺少此前的协议事件',
  },
  'agreement-limit': {
    status: 409,
    title: 'Too much is pending from this root',
    title_zh: '该根节点的未决事项过多',
  },

  // What others did not answer
  'upstream-unreachable': {
    status: 502,
    title: 'Another node could not be reached',
    title_zh: '无法访问其他节点',
  },
  'upstream-timeout': {
    status: 504,
    title: 'Another node did not answer in time',
    title_zh: '其他节点响应超时',
  },
  'address-refused': {
    status: 422,
    title: 'The address is not one that this node may fetch',
    title_zh: '不允许访问该地址',
  },

  // Ourselves
  'node-read-only': {
    status: 503,
    title: 'This node reads and does not write: its database does not agree with its journal',
    title_zh: '节点处于只读状态：数据库与日志存证不一致',
    oidf: 'temporarily_unavailable',
  },
  'service-unavailable': {
    status: 503,
    title: 'The node cannot answer now',
    title_zh: '节点暂时不可用',
    oidf: 'temporarily_unavailable',
  },
  internal: { status: 500, title: 'The registry failed', title_zh: '登记系统内部错误', oidf: 'server_error' },
} as const satisfies Record<string, ProblemKind>

/** The stable name of a refusal. */
export type ProblemCode = keyof typeof PROBLEMS

/** The row of a refusal, with the optional members visible. */
export function problemKind(code: ProblemCode): ProblemKind {
  return PROBLEMS[code]
}
