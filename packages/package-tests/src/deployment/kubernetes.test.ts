import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readServerSettings } from "@user-management/http/testing";
import * as apps from "kubernetes-models/apps/v1";
import * as batch from "kubernetes-models/batch/v1";
import * as policy from "kubernetes-models/policy/v1";
import * as core from "kubernetes-models/v1";
import { expect, onTestFinished, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { readDocument, REPOSITORY_ROOT } from "../documents/read-document.ts";
import { run } from "../packages/run.ts";
import { readImage } from "./dockerfile.ts";

/** A manifest with the fields that the tests read. */
interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Record<string, string> };
  readonly spec: any;
}

const MODELS: Readonly<Record<string, object>> = { v1: core, "apps/v1": apps, "batch/v1": batch, "policy/v1": policy };

const manifests = ["deploy/kubernetes.yaml", "deploy/kubernetes-key.yaml"].flatMap((file) =>
  parseAllDocuments(readDocument(file)).map((document) => document.toJS() as Manifest),
);
const named = manifests.map((manifest) => [`${manifest.kind} ${manifest.metadata.name}`, manifest] as const);
const workloads = named.filter(([, { spec }]) => spec?.template !== undefined);
const image = readImage();

/** Returns the spec of the only manifest of a kind. */
function findSpec(kind: string): any {
  return manifests.find((manifest) => manifest.kind === kind)!.spec;
}

test.each(named)("%s is valid against the schemas of Kubernetes", (_, manifest) => {
  const model = (MODELS[manifest.apiVersion] as Record<string, any>)[manifest.kind];
  expect(() => new model(manifest).validate()).not.toThrow();
});

test("no manifest has an unknown field", async () => {
  const folder = mkdtempSync(join(tmpdir(), "kubernetes-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  symlinkSync(join(REPOSITORY_ROOT, "packages/package-tests/node_modules"), join(folder, "node_modules"));
  const compile = async (objects: readonly Manifest[]) => {
    const lines = objects.map((manifest) => {
      const model = `import("kubernetes-models/${manifest.apiVersion}").I${manifest.kind}`;
      return `(${JSON.stringify(manifest)}) satisfies ${model};`;
    });
    writeFileSync(join(folder, "manifests.ts"), `export {};\n${lines.join("\n")}\n`);
    const options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "esnext"];
    const tsc = join(REPOSITORY_ROOT, "node_modules/.bin/tsc");
    return run(tsc, [...options, "--types", "", "manifests.ts"], { cwd: folder });
  };
  expect(await compile(manifests)).toMatchObject({ exitCode: 0, stdout: "" });
  const misspelled = JSON.parse(JSON.stringify(manifests).replaceAll("readinessProbe", "readynessProbe")) as Manifest[];
  expect((await compile(misspelled)).stdout).toContain("readynessProbe");
});

test.each(workloads)(
  "%s runs as the user of the image, without privileges and with a read-only root",
  (_, { spec }) => {
    const pod = spec.template.spec;
    const [uid, gid] = image.user.split(":").map(Number);
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: uid,
        runAsGroup: gid,
        seccompProfile: { type: "RuntimeDefault" },
      },
    });
    for (const container of pod.containers) {
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      expect(container.resources.limits).toHaveProperty("memory");
      for (const { mountPath } of container.volumeMounts ?? []) expect(image.volumes).toContain(mountPath);
    }
  },
);

const servers = workloads.filter(([, { kind }]) => kind !== "Job");

test.each(servers)("%s has probes, time for the shutdown and valid settings", (_, { spec }) => {
  const pod = spec.template.spec;
  const [container] = pod.containers;
  expect(container).toMatchObject({
    ports: [{ name: "http", containerPort: image.port }, { name: "metrics" }],
    startupProbe: { httpGet: { path: "/healthz", port: "http" } },
    livenessProbe: { httpGet: { path: "/healthz", port: "http" } },
    readinessProbe: { httpGet: { path: "/readyz", port: "http" } },
  });
  // The server exits within 10 seconds after SIGTERM, which follows the sleep.
  expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(container.lifecycle.preStop.sleep.seconds + 10);
  const variables = (container.env as { name: string; value: string }[]).map(({ name, value }) => [name, value]);
  const settings = readServerSettings({ ...image.environment, ...Object.fromEntries(variables) });
  expect(settings.METRICS_PORT).toBe(container.ports[1].containerPort);
});

test.each(servers)("%s has a Service that selects its pods", (_, { metadata, spec }) => {
  const [, service] = named.find(([name]) => name === `Service ${metadata.name}`)!;
  expect(service.spec.selector).toEqual(spec.template.metadata.labels);
  expect(spec.selector.matchLabels).toEqual(spec.template.metadata.labels);
});

test("a disruption never ends all replicas on DynamoDB, and SQLite has one replica", () => {
  const deployment = findSpec("Deployment");
  expect(deployment.replicas).toBeGreaterThan(findSpec("PodDisruptionBudget").maxUnavailable);
  expect(findSpec("PodDisruptionBudget").selector).toEqual(deployment.selector);
  expect(findSpec("StatefulSet").replicas).toBe(1);
});

test("a label selects the manifests of one store", () => {
  const stores = manifests.filter(({ kind }) => kind !== "Job").map(({ metadata }) => metadata.labels?.["store"]);
  expect(new Set(stores)).toEqual(new Set(["dynamodb", "sqlite"]));
});
