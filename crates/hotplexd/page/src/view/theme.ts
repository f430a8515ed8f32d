/** Light, dark, or as the system has it. */

import { button, setText } from "../dom.ts";

const KEY = "hotplex.theme";
const THEMES = ["auto", "light", "dark"] as const;

export function themeButton(): HTMLButtonElement {
  const kept = localStorage.getItem(KEY);
  let theme = THEMES.find((one) => one === kept) ?? "auto";
  const toggle = button("", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "auto";
    localStorage.setItem(KEY, theme);
    show();
  });
  const show = (): void => {
    document.documentElement.dataset["theme"] = theme;
    setText(toggle, `Theme: ${theme}`);
  };
  show();
  return toggle;
}
