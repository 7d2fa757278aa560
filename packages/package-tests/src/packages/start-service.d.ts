export interface Service {
    readonly url: string;
    readonly stop: () => Promise<void>;
}
/** Starts the API on a free port, with an in-memory repository. The client's example sends its requests to this API. */
export declare function startService(): Promise<Service>;
