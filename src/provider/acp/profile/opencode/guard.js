// The engine's gate inside OpenCode. Before each call of a tool it asks the engine over a private Unix
// socket, and what is not allowed there throws: the text is what the model is told. Nothing in here
// throws while it is loaded, since OpenCode goes on without a plugin that does; whoever does not get
// an answer has a no.
//
// SOCKET, SECRET and TOOLS, variables that hold for what tools start, stand before this text.
import { connect } from "node:net"
import { lstatSync, openSync, readdirSync, readFileSync } from "node:fs"
import { homedir } from "node:os"
import { basename, dirname, isAbsolute, join } from "node:path"

const NO_ANSWER = "hotplex: the engine does not answer, so nothing runs"

// Files of instructions that OpenCode shows to the model beside a file below the work directory.
const INSTRUCTIONS = ["AGENTS.md", "CLAUDE.md", "CONTEXT.md"]

const O_PATH = 0o10000000

// A path of more than 107 bytes is no address: then the directory is held, and has a short name.
const address = () => {
  if (Buffer.byteLength(SOCKET) <= 107) return SOCKET
  try {
    return `/proc/self/fd/${openSync(dirname(SOCKET), O_PATH)}/${basename(SOCKET)}`
  } catch {
    return SOCKET
  }
}

const ADDRESS = address()

// The questions that are open, by session.
const open = new Map()

const decision = (line) => {
  try {
    const answer = JSON.parse(line)
    return answer.allow === true ? null : String(answer.deny ?? NO_ANSWER)
  } catch {
    return NO_ANSWER
  }
}

// Resolves to why not, or to null.
const ask = (hook, session) =>
  new Promise((resolve) => {
    let heard = ""
    const socket = connect(ADDRESS)
    const questions = open.get(session) ?? new Set()
    open.set(session, questions.add(socket))
    socket.setEncoding("utf8")
    socket.on("connect", () => socket.write(JSON.stringify({ secret: SECRET, hook }) + "\n"))
    socket.on("data", (text) => (heard += text))
    socket.on("error", () => resolve(NO_ANSWER))
    socket.on("close", () => {
      questions.delete(socket)
      resolve(decision(heard))
    })
  })

// Whoever asked for an aborted turn waits for nothing any more.
const hangUp = (session) => {
  for (const socket of open.get(session) ?? []) socket.destroy()
  open.delete(session)
}

const exists = (path) => {
  try {
    return lstatSync(path) !== undefined
  } catch {
    return false
  }
}

// What else the model is shown when it reads this file.
const shownBeside = (path, directory) => {
  const found = []
  let place = dirname(isAbsolute(path) ? path : join(directory, path))
  while (place.startsWith(directory + "/")) {
    found.push(...INSTRUCTIONS.map((name) => join(place, name)).filter(exists))
    place = dirname(place)
  }
  return found
}

const namesIn = (directory) => {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

// The word may be written with escapes. One that stands in a comment counts as well.
const namesPlugins = (path) => {
  try {
    const text = readFileSync(path, "utf8")
    return text.replace(/\\u([0-9a-f]{4})/gi, (_, code) => String.fromCharCode(parseInt(code, 16))).includes("plugin")
  } catch (error) {
    return error.code !== "ENOENT" && error.code !== "ENOTDIR"
  }
}

// A plugin of the project's, which OpenCode 1.18.33 runs at the first prompt whatever it is told:
// OPENCODE_DISABLE_PROJECT_CONFIG holds one of its two loaders.
const pluginOfProject = (directory, worktree) => {
  const own = join(homedir(), ".opencode")
  for (let place = directory; ; place = dirname(place)) {
    const settings = join(place, ".opencode")
    const files = [place, settings].flatMap((at) => ["opencode.json", "opencode.jsonc"].map((name) => join(at, name)))
    const scripts = ["plugin", "plugins"].flatMap((name) =>
      namesIn(join(settings, name)).map((file) => join(settings, name, file)),
    )
    const found = [...scripts.filter((path) => /\.[jt]s$/.test(path)), ...files.filter(namesPlugins)]
    const ofProject = found.find((path) => !path.startsWith(own + "/"))
    if (ofProject) return ofProject
    if (place === worktree || place === dirname(place)) return null
  }
}

// What the user denies stays denied. What OpenCode would ask about, the engine is asked about: a
// question of a sub-agent would reach nobody, and the turn would hang.
const agreed = (rule) => {
  if (rule === "ask") return "allow"
  if (typeof rule !== "object" || rule === null) return rule
  return Object.fromEntries(Object.entries(rule).map(([name, inner]) => [name, agreed(inner)]))
}

const rules = (rule) => (typeof rule === "string" ? { "*": rule } : { ...rule })

const withoutQuestions = (permission) => {
  const own = agreed(rules(permission))
  const asked = ["read", "external_directory"].map((name) => [name, { "*": "allow", ...rules(own[name] ?? {}) }])
  return { doom_loop: "allow", ...own, ...Object.fromEntries(asked) }
}

export const HotplexGuard = async ({ directory, worktree }) => {
  await ask({ hello: directory, runs: pluginOfProject(directory, worktree) }, "")
  return {
    config: async (config) => {
      config.permission = withoutQuestions(config.permission ?? {})
      for (const agents of [config.agent, config.mode])
        for (const agent of Object.values(agents ?? {}))
          if (agent?.permission) agent.permission = agreed(rules(agent.permission))
    },
    "tool.execute.before": async (input, output) => {
      const args = output.args
      const beside = input.tool === "read" ? shownBeside(String(args?.filePath ?? ""), directory) : []
      const { tool, sessionID, callID } = input
      const denied = await ask({ tool, call: callID, session: sessionID, args, beside }, sessionID)
      if (denied !== null) throw new Error(denied)
    },
    // Tools have no business with OpenCode's own server, and their npm tries as often as ever.
    "shell.env": async (_, output) => {
      output.env.OPENCODE_SERVER_PASSWORD = ""
      output.env.npm_config_fetch_retries = "2"
      Object.assign(output.env, TOOLS)
    },
    event: async ({ event }) => {
      if (event.type === "session.idle") hangUp(event.properties?.sessionID)
    },
  }
}
