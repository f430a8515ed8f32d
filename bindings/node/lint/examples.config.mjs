// For the examples that are plain JavaScript. Run from the root: `make lint-node`.

import eslint from '@eslint/js';

const GLOBALS = ['URL', 'WebSocket', 'console', 'process'];

export default [
  eslint.configs.recommended,
  {
    languageOptions: { globals: Object.fromEntries(GLOBALS.map((name) => [name, 'readonly'])) },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: { 'prefer-const': 'error', eqeqeq: 'error', 'no-var': 'error' },
  },
];
