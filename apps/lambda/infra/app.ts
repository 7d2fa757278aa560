import { existsSync } from "node:fs";
import { join } from "node:path";
import { SettingsError } from "@user-management/node-platform";
import { App } from "aws-cdk-lib";
import { readDeploySettings } from "./settings.ts";
import { createUsersStack } from "./users-stack.ts";

// The CDK app. In apps/lambda: `cdk deploy --app "node infra/app.ts"`, with the settings that docs/deploy.md lists.
const code = join(import.meta.dirname, "../dist/lambda.zip");
const app = new App();
try {
  const settings = readDeploySettings(app.node);
  if (!existsSync(code)) throw new SettingsError("apps/lambda/dist/lambda.zip is missing; run `npx pnpm build` first");
  createUsersStack(app, { ...settings, code });
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  process.stderr.write(`deploy: ${error.message}\n`);
  process.exit(1);
}
