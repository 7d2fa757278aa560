import { validate, ValidationSeverity } from "dockerfile-utils";
import { expect, test } from "vitest";
import { DOCKERFILE, readImage } from "./dockerfile.ts";
import { readDocument } from "../documents/read-document.ts";

const image = readImage();

test("the linter reports nothing about the Dockerfile", () => {
  const settings = Object.fromEntries(
    [
      "casingInstruction",
      "deprecatedMaintainer",
      "directiveCasing",
      "emptyContinuationLine",
      "instructionCasing",
      "instructionCmdMultiple",
      "instructionEntrypointMultiple",
      "instructionHealthcheckMultiple",
      "instructionJSONInSingleQuotes",
      "instructionWorkdirRelative",
    ].map((name) => [name, ValidationSeverity.ERROR]),
  );
  expect(validate(DOCKERFILE, settings).map(({ message }) => message)).toEqual([]);
  expect(validate(DOCKERFILE.replace("STOPSIGNAL SIGTERM", "STOPSIGNALS SIGTERM"), settings)).toHaveLength(1);
});

test("the image is distroless and runs as a user that is not root", () => {
  expect(image.base).toMatch(/^gcr\.io\/distroless\/nodejs24-debian\d+:nonroot$/);
  expect(image.labels["org.opencontainers.image.base.name"]).toBe(image.base);
  expect(image.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
});

test("programs run without a shell", () => {
  const node = "/nodejs/bin/node";
  expect(image).toMatchObject({ entrypoint: [node], command: ["main.js"] });
  expect(image.healthcheck).toEqual([node, "main.js", "--healthcheck"]);
});

test("the database is in the volume, and the volume is copied for its owner", () => {
  const [volume] = image.volumes;
  expect(image.volumes).toHaveLength(1);
  expect(image.environment["SQLITE_PATH"]).toMatch(new RegExp(`^${volume}/[^/]+$`));
  expect(image.copies.map(({ destination }) => destination)).toContain(volume);
  expect(DOCKERFILE).toContain(`COPY --from=build --chown=${image.user} ${volume} ${volume}\n`);
});

test("the build context contains only listed files, and no output or data", () => {
  const lines = readDocument(".dockerignore").trim().split("\n");
  const patterns = lines.filter((line) => !line.startsWith("#"));
  expect(patterns[0]).toBe("*");
  expect(patterns).toEqual(expect.arrayContaining(["**/data", "**/dist", "**/node_modules"]));
});
