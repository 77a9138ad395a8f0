// What the two modules of the SDK export, read from their source: each name with its members and its docstring.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseAst } from "vite";

/** A node of the syntax tree (ESTree with TypeScript), as far as it is looked at. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** How a name is used: called or asked for, a member of something, an option that is given, an event, a type. */
export type Use = "value" | "member" | "option" | "event" | "type";

export interface PublicName {
  readonly name: string;
  readonly use: Use;
  /** As it is told to whoever broke the rule: `LineOptions.token`. */
  readonly shown: string;
  readonly file: string;
  readonly hasDocstring: boolean;
}

/** Whatever says something, and not only what it throws. */
const DOCSTRING = /\/\*\*\s+(?:\*\s*)?[^@\s*](?:[^*]|\*(?!\/))*\*\/\s*$/;

/** What a store keeps is for the client alone. */
const OPAQUE: ReadonlySet<string> = new Set(["Stored"]);

/** Given to functions, or their fields are: those that nobody else makes are read. */
const GIVEN: ReadonlySet<string> = new Set([
  "LineOptions",
  "HistoryPart",
  "SearchOptions",
  "Store",
]);

export function parse(code: string): Node {
  return parseAst(code, { lang: "ts", sourceType: "module" }) as unknown as Node;
}

export function childrenOf(node: Node): Node[] {
  return Object.values(node)
    .flat()
    .filter((child): child is Node => typeof (child as Node | null)?.type === "string");
}

/** @param entry a module whose every line is an export */
export function publicNames(entry: string): PublicName[] {
  const { body } = read(entry).tree;
  return (body as Node[]).flatMap((statement) => {
    if (!statement.type.startsWith("Export")) return [];
    const { declaration, specifiers, source } = statement as Node & Record<string, Node>;
    if (declaration) return namesOf(entry, (declaration["id"] as Node)["name"] as string);
    const file = resolve(dirname(entry), String(source?.["value"]));
    return (specifiers as unknown as Node[]).flatMap((one) =>
      namesOf(file, (one["exported"] as Node)["name"] as string),
    );
  });
}

function read(file: string): { readonly text: string; readonly tree: Node } {
  const text = readFileSync(file, "utf8");
  return { text, tree: parse(text) };
}

/** What is declared under a name in a file, with its members. */
function namesOf(file: string, name: string, isInherited = false): PublicName[] {
  const { text, tree } = read(file);
  const found = (tree["body"] as Node[]).find((statement) => {
    const declaration = statement["declaration"] as Node | null | undefined;
    const [declarator] = (declaration?.["declarations"] as Node[] | undefined) ?? [declaration];
    return ((declarator?.["id"] as Node | undefined)?.["name"] as string | undefined) === name;
  });
  if (found === undefined) return reexported(file, tree, name, isInherited);
  const documented = (at: number): boolean => DOCSTRING.test(text.slice(0, at));
  const declaration = found["declaration"] as Node;
  const isType = declaration.type.startsWith("TS");
  const itself: PublicName = {
    name,
    use: isType ? "type" : "value",
    shown: name,
    file,
    hasDocstring: documented(found.start),
  };
  const inherited = declaration["superClass"] as Node | null | undefined;
  const above =
    inherited && inherited["name"] !== "Error"
      ? namesOf(
          importedFrom(file, tree, inherited["name"] as string),
          inherited["name"] as string,
          true,
        )
      : [];
  const body = declaration["body"] as Node | undefined;
  const members = OPAQUE.has(name) || body === undefined ? [] : membersOf(body);
  return [
    ...(isInherited ? [] : [itself]),
    ...above,
    ...members.map((member): PublicName => {
      const key = (member["key"] as Node)["name"] as string;
      const use = name === "LineEvents" ? "event" : GIVEN.has(name) ? "option" : "member";
      const hasDocstring = documented(member.start);
      return { name: key, use, shown: `${name}.${key}`, file, hasDocstring };
    }),
  ];
}

function membersOf(body: Node): Node[] {
  if (!Array.isArray(body["body"])) return [];
  return (body["body"] as Node[]).filter((member) => {
    const key = member["key"] as Node | undefined;
    return (
      key?.type === "Identifier" &&
      key["name"] !== "constructor" &&
      member["computed"] !== true &&
      member["accessibility"] !== "protected" &&
      member["accessibility"] !== "private" &&
      member.type !== "ExpressionStatement"
    );
  });
}

function importedFrom(file: string, tree: Node, name: string): string {
  const source = (tree["body"] as Node[]).find(
    (statement) =>
      statement.type === "ImportDeclaration" &&
      (statement["specifiers"] as Node[]).some((one) => (one["local"] as Node)["name"] === name),
  )?.["source"] as Node | undefined;
  return resolve(dirname(file), source?.["value"] as string);
}

/** `export type { X } from` another file, or a type that is another one's. */
function reexported(file: string, tree: Node, name: string, isInherited: boolean): PublicName[] {
  const from = (tree["body"] as Node[]).find(
    (statement) =>
      statement.type === "ExportNamedDeclaration" &&
      (statement["specifiers"] as Node[]).some((one) => (one["exported"] as Node)["name"] === name),
  )?.["source"] as Node | undefined;
  assert.ok(from, `${name} is declared in ${file}`);
  return namesOf(resolve(dirname(file), from["value"] as string), name, isInherited);
}

function nameOf(node: unknown): string {
  return ((node as Node | undefined)?.["name"] as string | undefined) ?? "";
}

/** How names are used in examples: comments, strings and imports are no use. */
export function usesIn(codes: readonly string[]): Readonly<Record<Use, ReadonlySet<string>>> {
  const uses = {
    value: new Set<string>(),
    member: new Set<string>(),
    option: new Set<string>(),
    event: new Set<string>(),
    type: new Set<string>(),
  };
  const visit = (node: Node): void => {
    if (node.type === "ImportDeclaration") return;
    if (node.type === "CallExpression" || node.type === "NewExpression") {
      const callee = node["callee"] as Node;
      const [first] = node["arguments"] as Node[];
      for (const value of [callee, ...(node["arguments"] as Node[])]) uses.value.add(nameOf(value));
      if (nameOf(callee["property"]) === "on") uses.event.add(String(first?.["value"]));
    }
    if (node.type === "BinaryExpression") uses.value.add(nameOf(node["right"]));
    if (node.type === "MemberExpression") {
      if (node["computed"] !== true) uses.member.add(nameOf(node["property"]));
      uses.value.add(nameOf(node["object"]));
    }
    if (node.type === "ObjectPattern" || node.type === "ObjectExpression") {
      const keys = node.type === "ObjectPattern" ? uses.member : uses.option;
      for (const property of node["properties"] as Node[]) keys.add(nameOf(property["key"]));
    }
    if (node.type === "TSTypeReference") {
      uses.type.add(nameOf(node["typeName"]));
      // A class that nobody makes by himself.
      uses.value.add(nameOf(node["typeName"]));
    }
    for (const child of childrenOf(node)) visit(child);
  };
  for (const code of codes) visit(parse(code));
  return uses;
}
