export { createKey, createKeyInFile } from "./create-key.ts";
export { parseResponses, sendBytes } from "./raw-connection.ts";
export { freePort, startProcess, temporaryFolder } from "./start-process.ts";
export { QUICK_DRAIN, startService, type Service } from "./start-service.ts";
export { startTestApplication, type TestApplication } from "./start-test-application.ts";
export { scrape, sumSamples, type Sample } from "./scrape.ts";
export { readServerSettings } from "../settings.ts";
