/** The packages that other projects get from npm, by the names of their folders. */
export const published = ["client", "domain", "dynamo-adapter", "rest-adapter", "sqlite-adapter"];
