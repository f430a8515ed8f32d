/** Elements from code. Text becomes text nodes alone: there is no HTML from strings on this page. */

type Child = Node | string | null;

type Attributes = Record<string, string | boolean | (() => void)>;

/** An element. An attribute that is a function listens to the event of its name; false leaves one out. */
export function el<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

export function button(label: string, pressed: () => void, more: Attributes = {}): HTMLButtonElement {
  return el("button", { type: "button", click: pressed, ...more }, label);
}

/** Sets a text only if it is another one, since screen readers say what is set. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Copies a text, and says so on the button for a moment. */
export function copyButton(label: string, text: () => string): HTMLButtonElement {
  const copy = button("Copy", () => {
    void copyText(text()).then((done) => {
      setText(copy, done ? "Copied" : "Not copied");
      setTimeout(() => {
        setText(copy, "Copy");
      }, 1500);
    });
  }, { class: "copy", "aria-label": label });
  return copy;
}

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Where the page is not served over HTTPS there is no clipboard but this one.
    const area = el("textarea", { class: "offscreen", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way there
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
