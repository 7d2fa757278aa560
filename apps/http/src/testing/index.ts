export { parseResponses, sendBytes } from "./raw-connection.ts";
export { freePort, startProcess, temporaryFolder } from "./start-process.ts";
export { QUICK_DRAIN, startService, type Service } from "./start-service.ts";
export { readServerSettings } from "../settings.ts";
