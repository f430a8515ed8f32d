/** The same module for `import`: both kinds of callers get the same classes. */

export * from './index.js';
