// Written by generate.ts from the API's description.

export interface paths {
    "/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List users, or find one by email
         * @description Pages cover every user who exists throughout exactly once, whatever happens meanwhile to others. With `email` the list has the one user with that address, or none.
         */
        get: operations["listUsers"];
        put?: never;
        /**
         * Create a user
         * @description Adds a user with an id that the service makes.
         */
        post: operations["createUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a user
         * @description Answers the fields that are set.
         */
        get: operations["getUser"];
        /**
         * Change a user
         * @description A partial update: a field that is not sent stays as it is. The same as `PATCH`.
         */
        put: operations["updateUser"];
        post?: never;
        /**
         * Delete a user
         * @description Removes the user and frees the email address.
         */
        delete: operations["deleteUser"];
        options?: never;
        head?: never;
        /**
         * Change a user by a merge patch
         * @description Changes the fields that are sent, and no others (RFC 7396).
         */
        patch: operations["patchUser"];
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Ask whether the process lives
         * @description Answers as long as the process does, whatever the state of the store.
         */
        get: operations["isAlive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Ask whether the service can serve
         * @description Asks the store, and says when the server is about to end.
         */
        get: operations["isReady"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read this description
         * @description This document.
         */
        get: operations["readDescription"];
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
        /**
         * @description A new user. A field that is not listed is an error.
         * @example {
         *       "lastname": "Doe",
         *       "dob": "1990-01-01",
         *       "address": "123 Main St, City, Country",
         *       "gender": "Male",
         *       "email": "john.doe@example.com",
         *       "phone_number": "1234567890"
         *     }
         */
        NewUser: {
            /** @description Family name. Must be well-formed Unicode; is normalised to Unicode NFC; is trimmed; must not be empty; must be at most 100 characters; must not contain control characters. */
            lastname: string;
            /** @description Given name. Must be well-formed Unicode; is normalised to Unicode NFC; is trimmed; must not be empty; must be at most 100 characters; must not contain control characters. */
            firstname?: string;
            /**
             * Format: date
             * @description Date of birth. Must be a day that exists, as YYYY-MM-DD; must not be before 1900-01-01; must not be in the future (UTC).
             */
            dob: string;
            /** @description Postal address. Must be well-formed Unicode; is normalised to Unicode NFC; is trimmed; must not be empty; must be at most 500 characters; must not contain control characters. */
            address: string;
            /**
             * @description Gender.
             * @enum {string}
             */
            gender: "Male" | "Female" | "Non-binary" | "Other" | "Unspecified";
            /**
             * Format: email
             * @description Email address, kept as sent. No two users have the same one, whatever its case. Is trimmed; must be an email address.
             */
            email: string;
            /** @description Phone number, kept as sent. Is trimmed; must be at most 64 characters; must be 7 to 15 digits, with an optional leading + and spaces, dots, hyphens or parentheses between digits. */
            phone_number: string;
        };
        /**
         * @description What is to change. A field that is not sent stays as it is; `null` removes `firstname`.
         * @example {
         *       "address": "456 Another St, New City"
         *     }
         */
        UserChange: {
            /** @description Family name. Must be well-formed Unicode; is normalised to Unicode NFC; is trimmed; must not be empty; must be at most 100 characters; must not contain control characters. */
            lastname?: string;
            /** @description Given name. Must be well-formed Unicode; is normalised to Unicode NFC; is trimmed; must not be empty; must be at most 100 characters; must not contain control characters. */
            firstname?: string | null;
            /**
             * Format: date
             * @description Date of birth. Must be a day that exists, as YYYY-MM-DD; must not be before 1900-01-01; must not be in the future (UTC).
             */
            dob?: string;
            /** @description Postal address. Must be well-formed Unicode; is normalised to Unicode NFC; is trimmed; must not be empty; must be at most 500 characters; must not contain control characters. */
            address?: string;
            /**
             * @description Gender.
             * @enum {string}
             */
            gender?: "Male" | "Female" | "Non-binary" | "Other" | "Unspecified";
            /**
             * Format: email
             * @description Email address, kept as sent. No two users have the same one, whatever its case. Is trimmed; must be an email address.
             */
            email?: string;
            /** @description Phone number, kept as sent. Is trimmed; must be at most 64 characters; must be 7 to 15 digits, with an optional leading + and spaces, dots, hyphens or parentheses between digits. */
            phone_number?: string;
        };
        /** @description A user. A field that is not set is absent: only `firstname` in what this service has stored; any in older data, which is served as it stands, whatever today's rules say of it. */
        User: {
            /**
             * @description Made by the service: a UUID in lower case. Data from elsewhere may have another id.
             * @example 6f1c2f0e-5f0d-4c1e-9a64-3c8a1b0e7d52
             */
            user_id: string;
            /** @description Family name. */
            lastname?: string;
            /** @description Given name. */
            firstname?: string;
            /** @description Date of birth. */
            dob?: string;
            /** @description Postal address. */
            address?: string;
            /** @description Gender. */
            gender?: string;
            /** @description Email address, kept as sent. No two users have the same one, whatever its case. */
            email?: string;
            /** @description Phone number, kept as sent. */
            phone_number?: string;
        };
        UserPage: {
            users: components["schemas"]["User"][];
            /** @description The `cursor` of the next page; `null` when there are no more users. */
            next_cursor: string | null;
        };
        Created: {
            /** @constant */
            message: "User created";
            /**
             * Format: uuid
             * @description A UUID in lower case.
             * @example 6f1c2f0e-5f0d-4c1e-9a64-3c8a1b0e7d52
             */
            user_id: string;
        };
        Updated: {
            /** @constant */
            message: "User updated";
        };
        Deleted: {
            /** @constant */
            message: "User deleted";
        };
        Status: {
            /** @constant */
            status: "ok";
        };
        /** @description What went wrong (RFC 9457). */
        Problem: {
            /**
             * @description What kind of problem it is. Decide by this.
             * @enum {string}
             */
            type: "urn:user-management:problem:invalid-user" | "urn:user-management:problem:invalid-query" | "urn:user-management:problem:malformed-body" | "urn:user-management:problem:malformed-request" | "urn:user-management:problem:not-found" | "urn:user-management:problem:method-not-allowed" | "urn:user-management:problem:request-timeout" | "urn:user-management:problem:email-taken" | "urn:user-management:problem:stale-version" | "urn:user-management:problem:payload-too-large" | "urn:user-management:problem:unsupported-media-type" | "urn:user-management:problem:idempotency-key-reused" | "urn:user-management:problem:headers-too-large" | "urn:user-management:problem:internal" | "urn:user-management:problem:store-unavailable" | "urn:user-management:problem:draining";
            /**
             * @description The kind, for a person.
             * @enum {string}
             */
            title: "Invalid user" | "Invalid query" | "Malformed body" | "Malformed request" | "Not found" | "Method not allowed" | "Request timeout" | "Email taken" | "Stale version" | "Payload too large" | "Unsupported media type" | "Idempotency key reused" | "Headers too large" | "Internal error" | "Store unavailable" | "Draining";
            /**
             * @description The status of the answer.
             * @enum {integer}
             */
            status: 400 | 404 | 405 | 408 | 409 | 412 | 413 | 415 | 422 | 431 | 500 | 503;
            /** @description What is wrong, for a person. It never repeats what was sent. */
            detail: string;
            /** @description The path that was asked for; `/` where it did not arrive. */
            instance: string;
            /** @description The request's `X-Request-Id`, by which the log knows it. */
            request_id: string;
            /** @description Every wrong field of an invalid user, or every wrong parameter of an invalid query. */
            errors?: (components["schemas"]["FieldError"] | components["schemas"]["ParameterError"])[];
        };
        /** @description A wrong field of a body. */
        FieldError: {
            /**
             * Format: json-pointer-uri-fragment
             * @description Where it is: a JSON pointer as a URI fragment (RFC 6901 section 6), `#` for the whole.
             */
            pointer: string;
            /**
             * @description What is wrong. Stable.
             * @enum {string}
             */
            code: "required" | "not-a-string" | "malformed-text" | "empty" | "too-long" | "control-character" | "invalid-date" | "date-out-of-range" | "invalid-gender" | "invalid-email" | "invalid-phone-number" | "read-only" | "unknown-field" | "not-an-object" | "empty-change";
            /** @description What is wrong, for a person. It never repeats what was sent. */
            detail: string;
        };
        /** @description A wrong parameter of a query. */
        ParameterError: {
            /** @description The parameter's name. */
            parameter: string;
            /**
             * @description What is wrong. Stable.
             * @enum {string}
             */
            code: "unknown-parameter" | "repeated-parameter" | "invalid-limit" | "invalid-cursor" | "invalid-email";
            /** @description What is wrong, for a person. It never repeats what was sent. */
            detail: string;
        };
    };
    responses: {
        /** @description The query is wrong, or this is no request in HTTP/1.1. */
        InvalidRequest: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    type?: "urn:user-management:problem:invalid-query" | "urn:user-management:problem:malformed-request";
                };
            };
        };
        /** @description Fields are wrong; the body is not UTF-8, is no JSON object or names a field twice; the query is wrong; or the `Idempotency-Key` is. */
        InvalidNewUser: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    type?: "urn:user-management:problem:invalid-user" | "urn:user-management:problem:malformed-body" | "urn:user-management:problem:invalid-query" | "urn:user-management:problem:malformed-request";
                };
            };
        };
        /** @description Fields are wrong; the body is not UTF-8, is no JSON object or names a field twice; or the query is wrong. */
        InvalidChange: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    type?: "urn:user-management:problem:invalid-user" | "urn:user-management:problem:malformed-body" | "urn:user-management:problem:invalid-query" | "urn:user-management:problem:malformed-request";
                };
            };
        };
        /** @description No user has this id. */
        NotFound: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    type?: "urn:user-management:problem:not-found";
                };
            };
        };
        /** @description The request took too long to arrive: 10 seconds for its headers, 30 for all of it. */
        RequestTimeout: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    type?: "urn:user-management:problem:request-timeout";
                };
            };
        };
        /** @description Another user has this email address, in whatever case. */
        EmailTaken: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    type?: "urn:user-management:problem:email-taken";
                };
            };
        };
        /** @description A precondition does not hold. Nothing has changed; `ETag` is the current one. */
        StaleVersion: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                ETag: components["headers"]["ETag"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    type?: "urn:user-management:problem:stale-version";
                };
            };
        };
        /** @description The body is larger than 64 KiB. */
        PayloadTooLarge: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    type?: "urn:user-management:problem:payload-too-large";
                };
            };
        };
        /** @description The body is of none of the media types that `Accept` names, in another charset than UTF-8, or has a `Content-Encoding`. */
        UnsupportedMediaType: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                Accept: components["headers"]["Accept"];
                "Accept-Encoding": components["headers"]["Accept-Encoding"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    type?: "urn:user-management:problem:unsupported-media-type";
                };
            };
        };
        /** @description The `Idempotency-Key` was sent with another body within the last 24 hours. */
        IdempotencyKeyReused: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    type?: "urn:user-management:problem:idempotency-key-reused";
                };
            };
        };
        /** @description The request line and the headers are larger than 16 KiB. */
        HeadersTooLarge: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    type?: "urn:user-management:problem:headers-too-large";
                };
            };
        };
        /** @description A bug. The log knows more, by the request's id. */
        Internal: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    type?: "urn:user-management:problem:internal";
                };
            };
        };
        /** @description The store of users is down, slow or throttling. A write may have been done or not. */
        StoreUnavailable: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    type?: "urn:user-management:problem:store-unavailable";
                };
            };
        };
        /** @description The store of users does not answer, or the server is about to end. */
        NotReady: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    type?: "urn:user-management:problem:store-unavailable" | "urn:user-management:problem:draining";
                };
            };
        };
    };
    parameters: {
        /**
         * @description The user's id: a UUID in lower case, or whatever id data from elsewhere has.
         * @example 6f1c2f0e-5f0d-4c1e-9a64-3c8a1b0e7d52
         */
        UserId: string;
        /** @description How many users at most: must be a whole number from 1 to 100. */
        Limit: number;
        /** @description The `next_cursor` of the page before; without it the list begins. It may be used again at any time. */
        Cursor: string;
        /** @description Answers the one user with this address, in any case, or none. It does not go with `cursor`. */
        Email: string;
        /** @description Makes a repeat safe for 24 hours: the same key with the same body creates one user, however often it is sent. 1 to 255 printable ASCII characters, as they are or in double quotes. */
        IdempotencyKey: string;
        /** @description Only if the user's `ETag` is one of these, or `*`; otherwise the answer is 412. */
        IfMatch: string;
        /** @description The `ETag` of the user that the client has. If it still is that, a read is answered 304, and a write 412. */
        IfNoneMatch: string;
        /** @description The `Last-Modified` of the user that the client has, where it has no `ETag`. */
        IfModifiedSince: string;
        /** @description Only if the user was not changed after this HTTP-date; otherwise the answer is 412. */
        IfUnmodifiedSince: string;
        /** @description `return=representation` makes the body of the answer the user (RFC 7240). */
        Prefer: string;
        /** @description An id for this request, echoed if it is 1 to 128 letters, digits, dots, hyphens or underscores. */
        RequestId: string;
    };
    requestBodies: never;
    headers: {
        /** @description The request's own, or a new one: the log knows the request by it. */
        "X-Request-Id": string;
        /**
         * @description Changes with every stored change of the user. For `If-Match` and `If-None-Match`.
         * @example "1"
         */
        ETag: string;
        /** @description When the user was last changed; absent where that was not recorded. */
        "Last-Modified": string;
        /** @description Where the user is: a path below the server's URL, without the stage or prefix that it may have. */
        Location: string;
        /** @description Where the user of this body is: a path below the server's URL, without the stage or prefix that it may have. */
        "Content-Location": string;
        /** @description The next page, `rel="next"`, when there is one (RFC 8288): a path below the server's URL, without the stage or prefix that it may have. */
        Link: string;
        /** @description This key has created the user before. */
        "Idempotent-Replayed": "true";
        /** @description The body is the user. */
        "Preference-Applied": "return=representation";
        /** @description How many seconds to wait. */
        "Retry-After": number;
        /** @description The media types that a body is taken as. */
        Accept: string;
        /** @description The only encoding that a body is taken in. */
        "Accept-Encoding": "identity";
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listUsers: {
        parameters: {
            query?: {
                /** @description How many users at most: must be a whole number from 1 to 100. */
                limit?: components["parameters"]["Limit"];
                /** @description The `next_cursor` of the page before; without it the list begins. It may be used again at any time. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Answers the one user with this address, in any case, or none. It does not go with `cursor`. */
                email?: components["parameters"]["Email"];
            };
            header?: {
                /** @description An id for this request, echoed if it is 1 to 128 letters, digits, dots, hyphens or underscores. */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of users. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    Link: components["headers"]["Link"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserPage"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            408: components["responses"]["RequestTimeout"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["StoreUnavailable"];
        };
    };
    createUser: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes a repeat safe for 24 hours: the same key with the same body creates one user, however often it is sent. 1 to 255 printable ASCII characters, as they are or in double quotes. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /** @description `return=representation` makes the body of the answer the user (RFC 7240). */
                Prefer?: components["parameters"]["Prefer"];
                /** @description An id for this request, echoed if it is 1 to 128 letters, digits, dots, hyphens or underscores. */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "lastname": "Doe",
                 *       "dob": "1990-01-01",
                 *       "address": "123 Main St, City, Country",
                 *       "gender": "Male",
                 *       "email": "john.doe@example.com",
                 *       "phone_number": "1234567890"
                 *     }
                 */
                "application/json": components["schemas"]["NewUser"];
            };
        };
        responses: {
            /** @description The user is created. With `Prefer: return=representation` the body is the user. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    "Last-Modified": components["headers"]["Last-Modified"];
                    Location: components["headers"]["Location"];
                    "Content-Location": components["headers"]["Content-Location"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Created"] | components["schemas"]["User"];
                };
            };
            400: components["responses"]["InvalidNewUser"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["EmailTaken"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["IdempotencyKeyReused"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["StoreUnavailable"];
        };
    };
    getUser: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the user that the client has. If it still is that, a read is answered 304, and a write 412. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
                /** @description The `Last-Modified` of the user that the client has, where it has no `ETag`. */
                "If-Modified-Since"?: components["parameters"]["IfModifiedSince"];
                /** @description An id for this request, echoed if it is 1 to 128 letters, digits, dots, hyphens or underscores. */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path: {
                /**
                 * @description The user's id: a UUID in lower case, or whatever id data from elsewhere has.
                 * @example 6f1c2f0e-5f0d-4c1e-9a64-3c8a1b0e7d52
                 */
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The user. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    "Last-Modified": components["headers"]["Last-Modified"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description The user is as the client has it. */
            304: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    "Last-Modified": components["headers"]["Last-Modified"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["RequestTimeout"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["StoreUnavailable"];
        };
    };
    updateUser: {
        parameters: {
            query?: never;
            header?: {
                /** @description Only if the user's `ETag` is one of these, or `*`; otherwise the answer is 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
                /** @description The `ETag` of the user that the client has. If it still is that, a read is answered 304, and a write 412. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
                /** @description Only if the user was not changed after this HTTP-date; otherwise the answer is 412. */
                "If-Unmodified-Since"?: components["parameters"]["IfUnmodifiedSince"];
                /** @description `return=representation` makes the body of the answer the user (RFC 7240). */
                Prefer?: components["parameters"]["Prefer"];
                /** @description An id for this request, echoed if it is 1 to 128 letters, digits, dots, hyphens or underscores. */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path: {
                /**
                 * @description The user's id: a UUID in lower case, or whatever id data from elsewhere has.
                 * @example 6f1c2f0e-5f0d-4c1e-9a64-3c8a1b0e7d52
                 */
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "address": "456 Another St, New City"
                 *     }
                 */
                "application/json": components["schemas"]["UserChange"];
            };
        };
        responses: {
            /** @description The user is changed. With `Prefer: return=representation` the body is the user. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    "Last-Modified": components["headers"]["Last-Modified"];
                    "Content-Location": components["headers"]["Content-Location"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Updated"] | components["schemas"]["User"];
                };
            };
            400: components["responses"]["InvalidChange"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["EmailTaken"];
            412: components["responses"]["StaleVersion"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["StoreUnavailable"];
        };
    };
    deleteUser: {
        parameters: {
            query?: never;
            header?: {
                /** @description Only if the user's `ETag` is one of these, or `*`; otherwise the answer is 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
                /** @description The `ETag` of the user that the client has. If it still is that, a read is answered 304, and a write 412. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
                /** @description Only if the user was not changed after this HTTP-date; otherwise the answer is 412. */
                "If-Unmodified-Since"?: components["parameters"]["IfUnmodifiedSince"];
                /** @description An id for this request, echoed if it is 1 to 128 letters, digits, dots, hyphens or underscores. */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path: {
                /**
                 * @description The user's id: a UUID in lower case, or whatever id data from elsewhere has.
                 * @example 6f1c2f0e-5f0d-4c1e-9a64-3c8a1b0e7d52
                 */
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The user is deleted. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deleted"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["RequestTimeout"];
            412: components["responses"]["StaleVersion"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["StoreUnavailable"];
        };
    };
    patchUser: {
        parameters: {
            query?: never;
            header?: {
                /** @description Only if the user's `ETag` is one of these, or `*`; otherwise the answer is 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
                /** @description The `ETag` of the user that the client has. If it still is that, a read is answered 304, and a write 412. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
                /** @description Only if the user was not changed after this HTTP-date; otherwise the answer is 412. */
                "If-Unmodified-Since"?: components["parameters"]["IfUnmodifiedSince"];
                /** @description `return=representation` makes the body of the answer the user (RFC 7240). */
                Prefer?: components["parameters"]["Prefer"];
                /** @description An id for this request, echoed if it is 1 to 128 letters, digits, dots, hyphens or underscores. */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path: {
                /**
                 * @description The user's id: a UUID in lower case, or whatever id data from elsewhere has.
                 * @example 6f1c2f0e-5f0d-4c1e-9a64-3c8a1b0e7d52
                 */
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "address": "456 Another St, New City"
                 *     }
                 */
                "application/merge-patch+json": components["schemas"]["UserChange"];
                /**
                 * @example {
                 *       "address": "456 Another St, New City"
                 *     }
                 */
                "application/json": components["schemas"]["UserChange"];
            };
        };
        responses: {
            /** @description The user is changed. With `Prefer: return=representation` the body is the user. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    "Last-Modified": components["headers"]["Last-Modified"];
                    "Content-Location": components["headers"]["Content-Location"];
                    "Preference-Applied": components["headers"]["Preference-Applied"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Updated"] | components["schemas"]["User"];
                };
            };
            400: components["responses"]["InvalidChange"];
            404: components["responses"]["NotFound"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["EmailTaken"];
            412: components["responses"]["StaleVersion"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["StoreUnavailable"];
        };
    };
    isAlive: {
        parameters: {
            query?: never;
            header?: {
                /** @description An id for this request, echoed if it is 1 to 128 letters, digits, dots, hyphens or underscores. */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It lives. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Status"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            408: components["responses"]["RequestTimeout"];
            431: components["responses"]["HeadersTooLarge"];
        };
    };
    isReady: {
        parameters: {
            query?: never;
            header?: {
                /** @description An id for this request, echoed if it is 1 to 128 letters, digits, dots, hyphens or underscores. */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It can serve. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Status"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            408: components["responses"]["RequestTimeout"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["Internal"];
            503: components["responses"]["NotReady"];
        };
    };
    readDescription: {
        parameters: {
            query?: never;
            header?: {
                /** @description An id for this request, echoed if it is 1 to 128 letters, digits, dots, hyphens or underscores. */
                "X-Request-Id"?: components["parameters"]["RequestId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description An OpenAPI 3.1 document. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        openapi: "3.1.0";
                        info: Record<string, never>;
                        paths: Record<string, never>;
                    };
                };
            };
            400: components["responses"]["InvalidRequest"];
            408: components["responses"]["RequestTimeout"];
            431: components["responses"]["HeadersTooLarge"];
        };
    };
}
