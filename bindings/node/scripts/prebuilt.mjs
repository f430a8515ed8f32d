// Puts the library for this platform into the package, so that whoever installs it needs no Rust.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const built = process.env.HOTPLEX_LIBRARY || here('../../../target/release/libhotplex.so');
const folder = here(`../prebuilt/${process.platform}-${process.arch}`);
const prebuilt = `${folder}/libhotplex.so`;

mkdirSync(folder, { recursive: true });
copyFileSync(built, prebuilt);
// Line tables make up three quarters of it. Where there is no `strip` it is only larger.
spawnSync('strip', ['--strip-debug', prebuilt], { stdio: 'inherit' });
