/**
 * Takes the place of the SDK's search for credentials in the bundle: a function has them in its environment and
 * nowhere else (AWS: "Defined runtime environment variables"), and the search is a third of the SDK.
 */
export const defaultProvider = () => async () => ({
  accessKeyId: process.env["AWS_ACCESS_KEY_ID"] ?? "",
  secretAccessKey: process.env["AWS_SECRET_ACCESS_KEY"] ?? "",
  ...(process.env["AWS_SESSION_TOKEN"] && { sessionToken: process.env["AWS_SESSION_TOKEN"] }),
});
