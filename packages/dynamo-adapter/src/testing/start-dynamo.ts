import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createServer, type AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as elapsed } from "node:timers/promises";
import type { DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";

const IMAGE = "amazon/dynamodb-local:3.3.1";

/** How long DynamoDB Local may take to answer for the first time, in milliseconds. */
const PATIENCE = 60_000;

/** A real DynamoDB engine without an AWS account. */
export interface Dynamo {
  readonly endpoint: string;
  /** What a client needs to talk to it. */
  readonly config: DynamoDBClientConfig;
  readonly stop: () => Promise<void>;
}

/**
 * Starts an engine: the one at `DYNAMODB_ENDPOINT` if that is set; else DynamoDB Local in a container, where Docker
 * answers; else the DynamoDB Local that npm ships, with Java.
 *
 * @throws Error when there is none, with a line that says what to install
 */
export async function startDynamo(): Promise<Dynamo> {
  const given = process.env["DYNAMODB_ENDPOINT"];
  if (given) return engineAt(given, async () => undefined);
  return (await startContainer()) ?? startJava();
}

function engineAt(endpoint: string, stop: () => Promise<void>): Dynamo {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  return { endpoint, config: { endpoint, region: "local", credentials }, stop };
}

async function startContainer(): Promise<Dynamo | undefined> {
  const { GenericContainer, Wait, getContainerRuntimeClient } = await import("testcontainers");
  try {
    await getContainerRuntimeClient();
  } catch {
    return undefined; // No Docker here: there is another way.
  }
  const container = await new GenericContainer(IMAGE)
    .withExposedPorts(8000)
    .withCommand(["-jar", "DynamoDBLocal.jar", "-inMemory", "-sharedDb", "-disableTelemetry"])
    .withWaitStrategy(Wait.forListeningPorts())
    .start();
  return engineAt(`http://${container.getHost()}:${container.getMappedPort(8000)}`, async () => {
    await container.stop();
  });
}

async function startJava(): Promise<Dynamo> {
  const manifest = createRequire(import.meta.url).resolve("amplify-dynamodb-simulator/package.json");
  const port = await freePort();
  const java = spawn(
    "java",
    `-Djava.library.path=./DynamoDBLocal_lib -jar DynamoDBLocal.jar -inMemory -sharedDb -disableTelemetry -port ${port}`.split(
      " ",
    ),
    { cwd: join(dirname(manifest), "emulator"), stdio: "ignore" },
  );
  const end = () => void java.kill("SIGKILL");
  process.once("exit", end);
  const ended = once(java, "exit").then(
    ([code]) => Promise.reject(new Error(`DynamoDB Local ended with code ${code}; it needs Java 17 or newer`)),
    (cause: unknown) =>
      Promise.reject(new Error("no DynamoDB engine: install Docker or Java 17, or set DYNAMODB_ENDPOINT", { cause })),
  );
  const endpoint = `http://127.0.0.1:${port}`;
  await Promise.race([answering(endpoint), ended]);
  return engineAt(endpoint, async () => {
    process.off("exit", end);
    end();
    await ended.catch(() => undefined);
  });
}

async function answering(endpoint: string): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const answered = await fetch(endpoint).then(
      () => true,
      () => false,
    );
    if (answered) return;
    if (Date.now() > deadline) throw new Error(`DynamoDB Local does not answer at ${endpoint}`);
    await elapsed(50);
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  return port;
}
