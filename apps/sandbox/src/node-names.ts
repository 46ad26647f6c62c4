/** The nodes of the sandbox, by what they are called in its folders. */
export type RootName = 'root' | 'overseas-root'
export type ProviderName = 'provider-1' | 'provider-2' | 'overseas-provider'
export type NodeName = RootName | ProviderName | 'resolver'
