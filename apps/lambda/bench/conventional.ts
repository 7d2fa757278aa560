import { app } from "@user-management/conventional-service";
import serverless from "serverless-http";

/** The conventional service as a function. */
export const handler: unknown = serverless(app);
