//! The verbs that hand a command to the agent, one row a language.

/// Imperatives, and infinitives that are used as such.
#[rustfmt::skip] // A row a language is read at a glance.
const VERBS: &[&[&str]] = &[
    // English
    &[
        "run", "execute", "exec", "do", "invoke", "launch", "type", "try", "call", "perform",
        "issue", "enter", "rerun", "start", "proceed", "fire", "kick", "re-run",
    ],
    // German
    &[
        "führe", "führ", "führen", "fuehre", "starte", "ruf", "rufe",
    ],
    // French
    &[
        "exécute", "exécutez", "exécuter", "d'exécuter", "d’exécuter", "exécutes", "lance",
        "lancez", "lancer", "lances",
    ],
    // Spanish
    &[
        "ejecuta", "ejecute", "ejecutar", "ejecutes", "ejecutad", "corre", "corras", "lanza",
        "lanzar",
    ],
    // Portuguese
    &[
        "executa", "executar", "rode", "roda", "rodar",
    ],
    // Italian
    &[
        "esegui", "esegua", "eseguire", "lancia", "lanciare", "avvia",
    ],
    // Dutch
    &[
        "voer", "draai", "uitvoer", "uitvoeren",
    ],
    // Polish and Czech
    &[
        "uruchom", "uruchomić", "wykonaj", "wykonać", "odpal", "spusť", "spusťte", "spustit",
        "proveď",
    ],
    // Russian and Ukrainian
    &[
        "запусти", "запустите", "запустить", "запускай", "выполни", "выполните", "выполнить",
        "выполняй", "прогони", "сделай", "виконай", "виконайте", "виконати",
    ],
    // Swedish, Danish, Norwegian
    &[
        "kör", "kør", "kjør",
    ],
    // Vietnamese
    &[
        "chạy", "thi",
    ],
    // Indonesian
    &[
        "jalankan",
    ],
    // Arabic
    &[
        "نفذ", "نفّذ", "شغل", "شغّل", "بتنفيذ", "بتشغيل", "تنفيذ", "تشغيل",
    ],
    // Turkish
    &[
        "çalıştır", "çalıştırın",
    ],
    // Romanian
    &[
        "rulează", "execut",
    ],
];

/// Verbs that order a command only where its place is a terminal: other texts are pasted, too.
#[rustfmt::skip] // A row a language is read at a glance.
const PLACING: &[&[&str]] = &[
    // English
    &[
        "paste", "copy", "send", "apply",
    ],
    // German
    &[
        "gib", "tippe", "tipp",
    ],
    // French
    &[
        "tape", "tapez", "colle",
    ],
    // Spanish and Portuguese
    &[
        "escribe", "teclea", "digita", "digite", "pega",
    ],
    // Italian
    &[
        "scrivi", "incolla",
    ],
    // Polish
    &[
        "wpisz",
    ],
    // Russian
    &[
        "введи", "введите", "вбей", "набери",
    ],
];

/// The place that makes them orders.
#[rustfmt::skip] // A row a language is read at a glance.
pub(super) const TERMINALS: &[&[&str]] = &[
    // English
    &[
        "terminal", "shell", "console", "prompt", "bash", "zsh",
    ],
    // German and Dutch
    &[
        "konsole", "eingabeaufforderung",
    ],
    // French
    &[
        "invite",
    ],
    // Spanish, Portuguese, Italian
    &[
        "consola", "terminale",
    ],
    // Polish
    &[
        "terminalu", "konsoli",
    ],
    // Russian
    &[
        "терминале", "терминал", "консоли", "консоль",
    ],
];

/// Verbs of languages that put them behind their object.
#[rustfmt::skip] // A row a language is read at a glance.
pub(super) const VERB_FINAL: &[&[&str]] = &[
    // German
    &[
        "ausführen", "auszuführen", "ausführst", "laufen", "starten", "aufrufen",
    ],
    // Dutch
    &[
        "uitvoeren", "uitvoert",
    ],
    // Turkish
    &[
        "çalıştır", "çalıştırın", "çalıştırınız", "çalıştırır", "çalıştırabilir",
    ],
    // Hindi
    &[
        "चलाओ", "चलाइए", "चलाएं", "चलाएँ", "चलाइये", "चलायें",
    ],
    // Hungarian
    &[
        "futtasd",
    ],
];

/// Questions of courtesy: they end right in front of an infinitive.
#[rustfmt::skip] // A row a language is read at a glance.
pub(super) const MAY: &[&[&str]] = &[
    // Polite
    &[
        "puedes", "podrías", "puede", "puoi", "potresti", "pode", "poderia", "możesz", "можешь",
        "можете",
    ],
];

/// Whether a table has a word.
pub(super) fn has(table: &[&[&str]], word: &str) -> bool {
    table.iter().any(|row| row.contains(&word))
}

/// The lengths of the words of a table by their first byte, for most words of a message are in none.
const fn shapes(table: &[&[&str]]) -> [u32; 256] {
    let mut shapes = [0; 256];
    let mut row = 0;
    while row < table.len() {
        let mut place = 0;
        while place < table[row].len() {
            let word = table[row][place].as_bytes();
            shapes[word[0] as usize] |= 1 << (word.len() % 32);
            place += 1;
        }
        row += 1;
    }
    shapes
}

static VERB_SHAPES: [u32; 256] = shapes(VERBS);
static PLACING_SHAPES: [u32; 256] = shapes(PLACING);

fn may_have(shapes: &[u32; 256], word: &str) -> bool {
    let first = word.as_bytes().first().map_or(0, |byte| usize::from(*byte));
    shapes[first] >> (word.len() % 32) & 1 == 1
}

/// Whether a word hands a command to the agent.
pub(super) fn is_verb(word: &str) -> bool {
    may_have(&VERB_SHAPES, word) && has(VERBS, word)
}

/// Whether a word puts a text somewhere.
pub(super) fn is_placing(word: &str) -> bool {
    may_have(&PLACING_SHAPES, word) && has(PLACING, word)
}
