#!/usr/bin/env -S node --experimental-websocket
// A client of hotplexd: one prompt in a session. The answer goes to stdout as it comes, questions of the
// agent are put to you, Ctrl-C stops it. Protocol: docs/protocol.md.
//
//   node --experimental-websocket client.mjs PROMPT [SESSION [WORK_DIR]]
//
// HOTPLEXD_URL         where the daemon is: http://127.0.0.1:8080
// HOTPLEXD_TOKEN_FILE  the file with its token
//
// It needs nothing but Node 20; from Node 22 on also no flag. A page has the same WebSocket.
// Exit code: 0 completed, 1 failed, 2 wrong usage, 130 stopped.

import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const [prompt, session = 'example', workDir = process.cwd()] = process.argv.slice(2);
if (prompt === undefined) {
  end(2, 'usage: client.mjs PROMPT [SESSION [WORK_DIR]]');
}

// Answers carry the number of the request that they answer.
const EXECUTE = 1;
const STOP = 2;
let lastRequest = STOP;

const url = new URL('/ws/v1/agent', process.env.HOTPLEXD_URL || 'http://127.0.0.1:8080');
url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
// A WebSocket of a browser cannot set headers: the token is one of its subprotocols.
const socket = new WebSocket(url, ['hotplex.v1', ...token().map((text) => `hotplex-api-${text}`)]);
const send = (request) => socket.send(JSON.stringify(request));

socket.onopen = () => {
  // A second Ctrl-C does not wait.
  process.once('SIGINT', () => send({ type: 'stop', request_id: STOP, session_id: session }));
  send({ type: 'execute', request_id: EXECUTE, session_id: session, prompt, work_dir: workDir });
};
socket.onmessage = (message) => {
  const frame = JSON.parse(message.data);
  show(frame);
  if (frame.request_id === EXECUTE) {
    endWith(frame);
  }
};
socket.onclose = ({ code, reason }) => end(1, `no daemon at ${url}, or it has gone: ${code} ${reason}`);

/** The pieces of an answer that have been written, while it has not ended. */
let streamed = '';

function show({ event, data }) {
  switch (event) {
    case 'delta':
      if (data.kind === 'answer') {
        streamed += clean(data.text);
        process.stdout.write(clean(data.text));
      }
      break;
    case 'answer':
      // It repeats its pieces. Those that had not been sent yet are not sent any more.
      process.stdout.write(`${clean(data.text).slice(streamed.length)}\n`);
      streamed = '';
      break;
    case 'tool_use':
      console.error(clean(`uses ${data.tool.name}: ${data.tool.summary}`));
      break;
    case 'danger_block':
      console.error(clean(`blocked: ${data.reason}`));
      break;
    case 'approval_request':
      answers = answers.then(() => answer(data));
      break;
    case 'error':
      console.error(clean(data.message));
      break;
  }
}

/** The one end of a turn, after all its events. */
function endWith({ event }) {
  const code = { completed: 0, error: 1, stopped: 130 }[event];
  if (code !== undefined) {
    end(code);
  }
}

// One question after the other.
let answers = Promise.resolve();
let lines;

async function answer({ approval_id: id, tool }) {
  console.error(clean(`may it use ${tool.name} ${JSON.stringify(tool.input)}? [y/N]`));
  lines ??= createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const { value = '' } = await lines.next();
  const type = value.trim() === 'y' ? 'approve' : 'deny';
  lastRequest += 1;
  send({ type, request_id: lastRequest, session_id: session, approval_id: id });
}

/** The token, if there is one. */
function token() {
  const state = process.env.XDG_STATE_HOME || join(homedir(), '.local', 'state');
  const usual = join(state, 'hotplex', 'hotplexd.token');
  const path = process.env.HOTPLEXD_TOKEN_FILE || (existsSync(usual) ? usual : undefined);
  return path === undefined ? [] : [readFileSync(path, 'utf8').trim()];
}

/** Without what a terminal would take for orders, or show in another order. */
function clean(text) {
  return text.replace(/(?![\n\t])[\p{Cc}\p{Cf}]/gu, '');
}

function end(code, message) {
  if (message !== undefined) {
    console.error(message);
  }
  process.exit(code);
}
