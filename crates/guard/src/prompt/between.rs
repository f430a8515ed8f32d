//! The words that leave an order what it is, in front of its verb and behind it, one row a language.

/// Words that may stand between the verb and the command.
#[rustfmt::skip] // A row a language is read at a glance.
pub(super) const BETWEEN: &[&[&str]] = &[
    // English
    &[
        "the", "this", "these", "that", "those", "following", "very", "command", "commands",
        "script", "shell", "bash", "tool", "terminal", "console", "into", "onto", "in", "my",
        "on", "as", "root", "with", "please", "exactly", "me", "a", "an", "it", "now", "code",
        "block", "snippet", "one-liner", "oneliner", "via", "using", "through", "literally",
        "below", "here", "first", "then", "base64", "payload", "line", "lines", "your", "for",
        "us", "and", "sudo", "just", "paste", "output", "steps", "step", "order", "one", "by",
        "cleanup", "machine", "server", "is", "exact", "to", "immediately", "all", "two",
        "three", "four", "both", "next", "last", "final", "another", "quick", "full", "little",
        "short", "single", "simple", "given", "running", "executing", "report", "back", "real",
        "project", "directory", "folder", "repo", "off", "instead", "again", "simply",
        "quickly", "right", "away", "host", "box", "up", "directly", "anyway", "from",
        "together", "once", "more", "prod", "production", "staging", "local", "remote", "node",
        "instance", "vm", "container", "admin", "administrator", "superuser", "user",
        "privileges", "permissions", "rights", "straight", "manually", "carefully", "verbatim",
        "such", "background", "foreground",
    ],
    // German
    &[
        "bitte", "den", "die", "der", "dem", "im", "am", "vom", "befehl", "befehle",
        "folgenden", "folgende", "folgendes", "folgender", "diesen", "dieses", "diese", "das",
        "skript", "mal", "doch", "aus", "jetzt", "sofort", "schnell", "einmal", "einfach",
        "hier", "dann", "nun", "eben", "kurz", "auf", "rechner", "unten", "danach",
        "anschließend", "noch", "sie", "gleich", "direkt", "reihe", "nach", "mir", "als",
        "konsole", "einem",
    ],
    // French
    &[
        "la", "le", "les", "commande", "commandes", "suivante", "suivant", "suivantes",
        "suivants", "cette", "ce", "ces", "ceci", "ma", "donc", "ça", "cela", "moi", "tout",
        "toute", "de", "suite", "maintenant", "dans", "sur", "serveur", "ci-dessous", "vite",
        "d'abord", "puis", "ensuite", "stp", "svp", "s'il", "te", "vous", "plaît",
        "directement", "immédiatement", "encore", "en", "tant", "que", "juste", "aussi", "un",
        "une",
    ],
    // Spanish
    &[
        "el", "los", "las", "comando", "comandos", "siguiente", "siguientes", "este", "estos",
        "esto", "eso", "consola", "servidor", "por", "favor", "ahora", "mismo", "ya", "tal",
        "cual", "directamente", "inmediatamente", "luego", "después", "también", "como",
    ],
    // Portuguese
    &[
        "o", "os", "seguinte", "seguintes", "estes", "esse", "esses", "isto", "isso", "aí",
        "agora", "no", "na", "diretamente", "imediatamente", "para", "mim",
    ],
    // Italian
    &[
        "il", "lo", "i", "comandi", "seguente", "seguenti", "questo", "questa", "questi", "nel",
        "nella", "sul", "terminale", "subito", "ora", "per", "favore", "poi", "direttamente",
        "mi",
    ],
    // Dutch
    &[
        "een", "het", "deze", "dit", "volgende", "commando", "opdracht", "even", "eens", "nu",
        "meteen", "alsjeblieft", "dan",
    ],
    // Polish and Czech
    &[
        "polecenie", "polecenia", "komendę", "komendy", "następujące", "następującą", "proszę",
        "teraz", "natychmiast", "w", "terminalu", "poniższe", "poniższą", "tę", "příkaz",
        "příkazy", "prosím", "teď", "tento", "tyto", "v",
    ],
    // Russian and Ukrainian
    &[
        "команду", "команды", "эту", "эти", "этот", "следующую", "следующие", "скрипт",
        "сейчас", "пожалуйста", "мне", "в", "на", "терминале", "консоли", "сервере", "прямо",
        "вот", "это", "немедленно", "будь", "ласка", "цю", "цей", "від",
    ],
    // Swedish, Danish, Norwegian
    &[
        "kommandot", "kommandoen", "detta", "följande", "här",
    ],
    // Vietnamese
    &[
        "lệnh", "giúp", "tôi", "sau", "đây", "này", "cho", "ngay", "các",
    ],
    // Indonesian
    &[
        "perintah", "ini", "berikut",
    ],
    // Arabic
    &[
        "الأمر", "الأوامر", "التالي", "التالية", "هذا", "هذه", "في", "الطرفية", "من", "فضلك",
        "الآن",
    ],
    // Turkish
    &[
        "komutunu", "komutu", "komutları", "şu", "bu", "lütfen", "hemen", "şimdi", "terminalde",
        "aşağıdaki",
    ],
    // Hindi
    &[
        "कमांड", "को", "यह", "ये", "कृपया", "अभी", "में", "इस",
    ],
];

/// Words directly in front of the verb that leave it an order.
#[rustfmt::skip] // A row a language is read at a glance.
pub(super) const LEADING: &[&[&str]] = &[
    // English
    &[
        "please", "just", "and", "then", "now", "ahead", "you", "quickly", "immediately",
        "also", "simply", "directly", "must", "first", "finally", "silently", "kindly",
        "should", "let's", "lets", "next", "afterwards", "afterward", "or", "ok", "okay",
        "actually", "instead", "again", "once", "hey", "bash", "claude", "to", "only", "pls",
        "plz", "else", "assistant", "agent", "u", "but", "tool", "terminal", "shell",
        "therefore", "so", "yes", "thanks", "right", "urgent", "sure", "still", "anyway",
        "always",
    ],
    // German
    &[
        "bitte", "sofort", "jetzt", "und", "dann", "einfach", "nun", "mal", "danach",
        "anschließend", "zuerst", "aub",
    ],
    // French
    &[
        "merci", "maintenant", "alors", "veuillez", "peux-tu", "pouvez-vous", "pourrais-tu",
        "pourriez-vous", "que", "et", "puis", "ensuite", "simplement", "immédiatement", "plaît",
        "plait",
    ],
    // Spanish and Portuguese
    &[
        "por", "favor", "ahora", "y", "e", "luego", "después", "simplemente", "agora", "depois",
        "então",
    ],
    // Italian
    &[
        "ora", "adesso", "poi", "subito", "ed", "favore",
    ],
    // Dutch
    &[
        "dan", "nu", "alstublieft", "alsjeblieft", "en",
    ],
    // Polish and Czech
    &[
        "proszę", "teraz", "potem", "następnie", "najpierw", "prosím", "teď",
    ],
    // Russian and Ukrainian
    &[
        "и", "пожалуйста", "затем", "просто", "потом", "сейчас", "немедленно", "теперь",
        "срочно", "важно", "нужно", "надо", "ласка",
    ],
    // Vietnamese
    &[
        "hãy", "lòng", "thực", "và",
    ],
    // Indonesian
    &[
        "tolong",
    ],
    // Arabic
    &[
        "رجاء", "الرجاء", "يرجى", "ثم", "فضلك", "قم",
    ],
    // Turkish
    &[
        "lütfen",
    ],
];

/// Words that mean the block which follows.
#[rustfmt::skip] // A row a language is read at a glance.
pub(super) const POINTING: &[&[&str]] = &[
    // English
    &[
        "following", "below", "this", "these", "it", "command", "commands", "script", "snippet",
        "steps", "block", "lines", "one-liner",
    ],
    // German and Dutch
    &[
        "folgenden", "folgende", "folgendes", "diesen", "dieses", "befehle", "deze", "volgende",
    ],
    // French
    &[
        "suivante", "suivant", "suivantes", "suivants", "commandes", "ceci", "ci-dessous",
    ],
    // Spanish, Portuguese, Italian
    &[
        "siguiente", "siguientes", "comandos", "esto", "seguinte", "seguintes", "estes", "isto",
        "seguenti", "questi", "comandi", "questo",
    ],
    // Polish
    &[
        "następujące", "polecenia", "poniższe",
    ],
    // Russian
    &[
        "следующие", "следующую", "команду", "команды", "эту",
    ],
    // Vietnamese, Indonesian, Arabic, Turkish, Hindi
    &[
        "sau", "berikut", "التالي", "التالية", "aşağıdaki", "şu", "यह",
    ],
];
