// A program in a process of its own, with its store in a file: to be killed.

import { connect, fileStore } from "../../src/client/index.ts";
import { type Command, runProgram } from "./program.ts";

const [url = "", name = "", path = ""] = process.argv.slice(2);
const line = connect(url, { name, store: fileStore(path) });
const run = runProgram(line, (told) => process.send?.(told));
process.on("message", (command: Command) => run(command));
