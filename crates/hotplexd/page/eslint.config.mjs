// As strict as typescript-eslint is, and with rules against every way to make nodes or code from strings.
import eslint from "@eslint/js";
import tseslint from "typescript-eslint";

const NO_STRINGS = "HTML and code are never made from strings here: what agents say is hostile.";
const property = (name) => ({ selector: `MemberExpression[property.name='${name}']`, message: NO_STRINGS });

export default tseslint.config(
  { ignores: ["dist", ".build", "node_modules", "*.mjs"] },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { project: "./tsconfig.tests.json", tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "no-restricted-syntax": [
        "error",
        ...["innerHTML", "outerHTML", "insertAdjacentHTML", "parseFromString", "createContextualFragment", "setHTMLUnsafe", "srcdoc"].map(property),
      ],
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // With noPropertyAccessFromIndexSignature the brackets are needed.
      "@typescript-eslint/dot-notation": "off",
    },
  },
  {
    files: ["test/**"],
    // node:test waits for its own promises.
    rules: { "@typescript-eslint/no-floating-promises": ["error", { allowForKnownSafeCalls: [{ from: "package", name: ["test"], package: "node:test" }] }] },
  },
);
