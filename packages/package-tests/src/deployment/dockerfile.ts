import { join } from "node:path";
import { DockerfileParser, type Instruction, type PropertyInstruction } from "dockerfile-ast";
import type { ModifiableInstruction } from "dockerfile-ast/lib/modifiableInstruction.js";
import { readDocument } from "../documents/read-document.ts";

/** Files that a stage copies from another stage. The paths are absolute. */
export interface ImageCopy {
  readonly from: string | undefined;
  readonly sources: readonly string[];
  readonly destination: string;
  /** Whether the sources are copied into the destination instead of to it. */
  readonly isIntoFolder: boolean;
}

/** The final stage of the Dockerfile: the image. */
export interface Image {
  readonly base: string;
  readonly folder: string;
  readonly copies: readonly ImageCopy[];
  readonly environment: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly user: string;
  readonly volumes: readonly string[];
  readonly port: number;
  readonly stopSignal: string;
  readonly healthcheck: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
}

export const DOCKERFILE = readDocument("Dockerfile");

/** Returns the commands that build the programs, as one command for a shell. */
export function readBuildCommand(): string {
  const commands = DockerfileParser.parse(DOCKERFILE)
    .getInstructions()
    .filter((instruction) => instruction.getKeyword() === "RUN")
    .map((instruction) => instruction.getArgumentsContent() ?? "");
  return commands.filter((command) => command.includes("build.ts")).join(" && ");
}

export function readImage(): Image {
  const instructions = DockerfileParser.parse(DOCKERFILE).getInstructions();
  const stage = instructions.slice(instructions.findLastIndex((instruction) => instruction.getKeyword() === "FROM"));
  const findAll = (keyword: string) => stage.filter((instruction) => instruction.getKeyword() === keyword);
  const findArguments = (keyword: string) => findAll(keyword).flatMap(listArguments);
  const findProperties = (keyword: string) => Object.fromEntries(findAll(keyword).flatMap(listProperties));
  const findJson = (keyword: string) => findAll(keyword).flatMap(listJsonStrings);
  const [folder = "/"] = findArguments("WORKDIR");
  return {
    base: findArguments("FROM")[0]!,
    folder,
    copies: findAll("COPY").map((instruction) => readCopy(instruction as ModifiableInstruction, folder)),
    environment: findProperties("ENV"),
    labels: findProperties("LABEL"),
    user: findArguments("USER")[0]!,
    volumes: findJson("VOLUME"),
    port: Number(findArguments("EXPOSE")[0]),
    stopSignal: findArguments("STOPSIGNAL")[0]!,
    healthcheck: findJson("HEALTHCHECK"),
    entrypoint: findJson("ENTRYPOINT"),
    command: findJson("CMD"),
  };
}

function readCopy(instruction: ModifiableInstruction, folder: string): ImageCopy {
  const paths = listArguments(instruction);
  const destination = paths.at(-1)!;
  return {
    from:
      instruction
        .getFlags()
        .find((flag) => flag.getName() === "from")
        ?.getValue() ?? undefined,
    sources: paths.slice(0, -1),
    destination: destination.startsWith("/") ? destination : join(folder, destination),
    isIntoFolder: destination.endsWith("/"),
  };
}

function listArguments(instruction: Instruction): string[] {
  return instruction.getArguments().map((argument) => argument.getValue());
}

function listProperties(instruction: Instruction): [name: string, value: string][] {
  const properties = (instruction as PropertyInstruction).getProperties();
  return properties.map((property) => [property.getName(), property.getValue() ?? ""]);
}

/** Returns the strings of an instruction in exec form: a JSON array, which needs no shell. */
function listJsonStrings(instruction: Instruction): string[] {
  return JSON.parse(/\[.*\]$/s.exec(instruction.getArgumentsContent() ?? "")![0]) as string[];
}
