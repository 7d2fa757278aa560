export { buildProgram, replaceFile, type ProgramOptions } from "./build-program.ts";
export { ALLOWED_LICENSES, createNotices, LicenseError, type NoticesOptions } from "./notices.ts";
