// Made from docs/openapi/resolver.json by npm run generate.
export interface paths {
    "/v1/diagnose": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The code clinic: what a text is, segment by segment, what is wrong with it, and what was likely meant */
        get: {
            parameters: {
                query: {
                    code: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The diagnosis */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Diagnosis"];
                    };
                };
                /** @description It is as the caller has it (If-None-Match) */
                304: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description request-invalid */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description rate-limited: this network address reads too much */
                429: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description internal */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The limits in force, from the constants that enforce them */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Limits */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Limits"];
                    };
                };
                /** @description It is as the caller has it (If-None-Match) */
                304: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description rate-limited: this network address reads too much */
                429: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/recognition": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Which other roots the pinned root recognises now, and in which state (W10)
         * @description From the recognition list of the pinned root, verified. Whoever must not believe a resolver reads that list.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The entries */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["RecognisedRoots"];
                    };
                };
                /** @description It is as the caller has it (If-None-Match) */
                304: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description rate-limited: this network address reads too much */
                429: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description internal */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description upstream-unreachable */
                502: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The verdicts on up to 1000 codes, in their order
         * @description NDJSON is answered with NDJSON, an array with an array. A text that is no code has the verdict `malformed` in its place. Evidence is had one code at a time. Each code counts as a read of whoever asks.
         */
        post: {
            parameters: {
                query?: {
                    detail?: "verdict" | "record";
                    /** @description list-max-age=SECONDS: how old the recognition list may be for a code of another root; older, the verdict is `stale` */
                    policy?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": (string | {
                        code: string;
                    })[];
                    "application/x-ndjson": (string | {
                        code: string;
                    })[];
                };
            };
            responses: {
                /** @description The verdicts */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ResolvedCode"][];
                        "application/x-ndjson": string;
                    };
                };
                /** @description request-invalid */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description body-too-large */
                413: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description media-type-unsupported */
                415: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description rate-limited */
                429: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description internal */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/resolve/{code}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The verdict on a code or code prefix, and what it rests on
         * @description Every well-formed code is answered 200 with a verdict, `not-assigned`, `unsupported-version` and `indeterminate` among them: at a resolver the verdict is the answer. A text that is no code is 400 `code-malformed`.
         */
        get: {
            parameters: {
                query?: {
                    /** @description the instant to answer for: RFC 3339 in whole seconds, or seconds since 1970; left out, now */
                    at?: string;
                    detail?: "verdict" | "record" | "bundle";
                    /** @description list-max-age=SECONDS: how old the recognition list may be for a code of another root; older, the verdict is `stale` */
                    policy?: string;
                };
                header?: never;
                path: {
                    code: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The verdict */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ResolvedCode"];
                    };
                };
                /** @description It is as the caller has it (If-None-Match) */
                304: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description code-malformed, request-invalid */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
                /** @description rate-limited: this network address reads too much */
                429: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description internal */
                500: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        CodeSegments: {
            instance?: string;
            ontology?: string;
            prefix: string;
            provider: string;
            requester?: string;
            version: string;
        };
        Diagnosis: {
            /** @description whether the strict reader takes the input as it stands */
            accepted: boolean;
            ambiguous: boolean;
            changes: string[];
            /** @description the one dialect, or `ambiguous` */
            dialect: string;
            input: string;
            problems: components["schemas"]["DiagnosisProblem"][];
            readings: {
                changes: string[];
                code: string | null;
                dialect: string;
                problems: components["schemas"]["DiagnosisProblem"][];
                segments: {
                    clause: string;
                    explain: components["schemas"]["Explanation"];
                    offset: number;
                    segment: string;
                    text: string;
                }[];
                text: string;
                /** @enum {string} */
                verdict: "valid" | "invalid" | "undecided";
            }[];
            /** @description the code that was likely meant */
            suggestion: string | null;
            /** @enum {string} */
            verdict: "valid" | "invalid" | "undecided";
        };
        DiagnosisProblem: {
            clause: string;
            explain: components["schemas"]["Explanation"];
            offset: number;
            reason: string;
            segment: string;
            /** @enum {string} */
            severity: "error" | "open" | "note";
        };
        Explanation: {
            en: string;
            zh: string;
        };
        Limits: {
            batch_codes: number;
            body_bytes: number;
            diagnosed_characters: number;
            rates: {
                name: string;
                per_seconds: number;
                requests: number;
            }[];
        };
        Malformation: {
            clause: string;
            offset: number;
            reason: string;
            segment: string;
        };
        Misconduct: {
            answer: string;
            /** @enum {string} */
            kind: "negative-contradicted" | "log-forked";
            proof: string;
            record?: string;
        };
        Problem: {
            /** @enum {string} */
            code: "request-invalid" | "at-in-future" | "code-malformed" | "code-version-unsupported" | "idempotency-key-missing" | "route-not-found" | "method-not-allowed" | "not-acceptable" | "feed-ahead" | "feed-gone" | "request-timeout" | "body-too-large" | "media-type-unsupported" | "rate-limited" | "unauthenticated" | "forbidden" | "request-signature-invalid" | "idempotency-key-reused" | "request-in-progress" | "precondition-required" | "precondition-failed" | "code-not-mine" | "code-taken" | "code-not-found" | "log-proof-pending" | "code-state" | "number-out-of-plan" | "numbering-exhausted" | "range-closed" | "range-overlaps" | "range-taken" | "range-unknown" | "record-lost" | "restore-refused" | "application-not-found" | "application-received" | "application-state" | "provider-state" | "provider-suspended" | "provider-retired" | "custodian-unfit" | "entity-unverified" | "applicant-unverified" | "drafts-too-many" | "entity-known" | "entity-unknown" | "entity-not-listed" | "parameter-unsupported" | "trust-anchor-unknown" | "trust-chain-invalid" | "proposal-not-found" | "proposal-pending" | "proposal-decided" | "proposal-expired" | "proposal-changed" | "proposal-unsigned" | "not-the-proposer" | "officer-key-unknown" | "decision-signature-invalid" | "officers-not-enrolled" | "officers-changed" | "decision-unproven" | "decision-not-found" | "advisory-not-found" | "advisory-state" | "advisory-changed" | "advisory-not-affected" | "certifier-known" | "certifier-not-found" | "certifier-state" | "act-unknown" | "proposer-approves" | "proposal-about-self" | "operator-exists" | "operator-not-found" | "operator-disabled" | "operator-state" | "operator-begun" | "officers-too-few" | "officer-key-known" | "token-not-found" | "token-label-used" | "token-limit" | "session-proof-invalid" | "requester-not-found" | "requester-state" | "ontology-not-found" | "ontology-state" | "evidence-required" | "awaiting-assignment" | "appointment-lapsed" | "key-not-endorsed" | "key-not-found" | "key-state" | "key-too-early" | "key-shared" | "key-two-purposes" | "key-unavailable" | "checkpoint-conflict" | "checkpoint-malformed" | "checkpoint-unsigned" | "consistency-unproved" | "log-forked" | "log-known" | "log-not-own" | "log-unknown" | "foreign-root-unknown" | "foreign-root-invalid" | "foreign-root-in-use" | "prefix-overlap" | "agreement-not-found" | "agreement-invalid" | "agreement-state" | "agreement-pending" | "agreement-forked" | "agreement-event-gap" | "agreement-limit" | "upstream-unreachable" | "upstream-timeout" | "address-refused" | "node-read-only" | "service-unavailable" | "internal";
            detail?: string;
            instance: string;
            status: number;
            title: string;
            title_zh: string;
            type: string;
        } & {
            [key: string]: unknown;
        };
        RecognisedRoots: {
            entries: {
                agreement: {
                    hash: string;
                    jti: string;
                    /** Format: uri */
                    uri: string;
                };
                code_prefixes: string[];
                /** @enum {string} */
                state: "in-force" | "suspended" | "terminated" | "expired" | "superseded";
                /** @description seconds since 1970-01-01T00:00:00Z */
                state_since: number;
                territory: string;
                /** Format: uri */
                trust_anchor: string;
                /** @description seconds since 1970-01-01T00:00:00Z */
                valid_until: number;
            }[];
            /** @description null where the root names no list: then it recognises nobody */
            list: {
                /** @description seconds */
                age: number;
                /** @description seconds since 1970-01-01T00:00:00Z */
                exp: number;
                /** @description seconds since 1970-01-01T00:00:00Z */
                iat: number;
                /** Format: uri */
                iss: string;
                seq: number;
            } | null;
        };
        ResolvedAdvisory: {
            id: string;
            /** @enum {string} */
            kind: "warning" | "recall-order";
            /** @enum {string} */
            severity: "low" | "moderate" | "high" | "critical";
            title: {
                en: string;
                zh: string;
            };
            /** Format: uri */
            uri: string;
        };
        ResolvedCode: {
            /** @description of the root, that touch the code; absent where nobody can tell */
            advisories?: components["schemas"]["ResolvedAdvisory"][];
            /** @description with detail record and bundle */
            checks?: {
                detail: string;
                name: string;
                ok: boolean;
            }[];
            /** @description canonical spelling */
            code: string;
            /** @description with detail bundle: what anybody can verify without a network (W6) */
            evidence?: {
                /** @enum {number} */
                v: 1;
            } & {
                [key: string]: unknown;
            };
            /** @enum {string} */
            level?: "provider" | "requester" | "ontology" | "instance";
            /**
             * @description how the records stand in their transparency logs
             * @enum {string}
             */
            log?: "proved" | "pending" | "not-required";
            malformation?: components["schemas"]["Malformation"];
            misconduct?: components["schemas"]["Misconduct"];
            notes: ("provider-width-disputed" | "nodes-unreachable" | "list-rolled-back" | "advisories-unknown")[];
            provider?: components["schemas"]["ResolvedProvider"];
            reasons: {
                code: string;
                detail: string;
                subject?: string;
            }[];
            recognition?: components["schemas"]["ResolvedRecognition"];
            /** @description with detail record and bundle */
            records?: {
                /** @description seconds since 1970-01-01T00:00:00Z */
                iat: number;
                /** Format: uri */
                iss: string;
                /** Format: uuid */
                jti: string;
                jws: string;
                /** @enum {string} */
                level: "provider" | "requester" | "ontology" | "instance";
                /** @description where its log has it, as proved, and when its witnesses saw that */
                log?: {
                    index: number;
                    size: number;
                    /** @description seconds since 1970-01-01T00:00:00Z */
                    witnessed_at: number | null;
                };
                sub: string;
            }[];
            segments?: components["schemas"]["CodeSegments"];
            /**
             * @description of the very code asked for
             * @enum {string}
             */
            status?: "valid" | "revoked" | "suspended" | "recalled" | "retired" | "superseded";
            statuses: {
                idx: number;
                /** @enum {string} */
                of: "statement" | "provider" | "requester" | "ontology" | "instance";
                /** @enum {string} */
                status: "valid" | "revoked" | "suspended" | "recalled" | "retired" | "superseded";
                subject: string;
                /** Format: uri */
                uri: string;
            }[];
            /** @description earliest expiry of what the verdict rests on */
            valid_until: number | null;
            /** @enum {string} */
            verdict: "malformed" | "unsupported-version" | "signature-invalid" | "chain-invalid" | "not-recognised" | "stale" | "indeterminate" | "not-assigned" | "revoked" | "recalled" | "recognition-suspended" | "provider-suspended" | "requester-suspended" | "suspended" | "provider-retired" | "retired" | "expired" | "recognised-historically" | "superseded" | "valid";
        };
        ResolvedProvider: {
            code: string;
            /** Format: uri */
            entity_id: string;
            /** @enum {string} */
            kind: "domestic" | "overseas";
            organization: {
                country: string;
                name: string;
                name_en?: string;
            } | null;
            /** @enum {string} */
            state: "active" | "suspended" | "retired";
        };
        /** @description of a code of another root */
        ResolvedRecognition: {
            agreement: {
                hash: string;
                jti: string;
                /** Format: uri */
                uri: string;
            };
            list: {
                /** @description seconds */
                age: number;
                /** Format: uri */
                iss: string;
                seq: number;
            };
            /** @description seconds since 1970-01-01T00:00:00Z */
            since: number;
            /** @enum {string} */
            state: "in-force" | "suspended" | "terminated" | "expired" | "superseded" | "countersigned";
            territory: string;
            /** Format: uri */
            trust_anchor: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
