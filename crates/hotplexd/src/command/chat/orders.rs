//! What begins with a slash.

/// Commands to the program itself, and not to the agent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Order {
    Help,
    Sessions,
    Session(String),
    New,
    Model(String),
    Stop,
    Quit,
}

/// The words that are completed.
pub(super) const WORDS: [&str; 7] = [
    "/help",
    "/model ",
    "/new",
    "/quit",
    "/session ",
    "/sessions",
    "/stop",
];

/// The order in a line; `None` if it is a prompt. Paths begin with a slash too: what has a second one in
/// its first word is a prompt.
///
/// # Errors
/// It looks like an order and is none.
pub(super) fn read(line: &str) -> Result<Option<Order>, String> {
    let line = line.trim();
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    let Some(name) = word.strip_prefix('/') else {
        return Ok(None);
    };
    if name.contains('/') {
        return Ok(None);
    }
    let named = || match rest {
        "" => Err(format!("{word} needs a name")),
        name => Ok(name.to_owned()),
    };
    let order = match name {
        "help" | "?" => Order::Help,
        "sessions" => Order::Sessions,
        "session" => Order::Session(named()?),
        "new" => Order::New,
        "model" => Order::Model(named()?),
        "stop" => Order::Stop,
        "quit" | "exit" => Order::Quit,
        _ => return Err(format!("there is no {word}; /help lists what there is")),
    };
    Ok(Some(order))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_told_from_prompts() {
        let table = [
            ("/help", Ok(Some(Order::Help))),
            (" /model  opus ", Ok(Some(Order::Model("opus".into())))),
            ("/exit", Ok(Some(Order::Quit))),
            ("/etc/hosts says what?", Ok(None)),
            ("what is /help", Ok(None)),
            ("", Ok(None)),
        ];
        for (line, expected) in table {
            assert_eq!(read(line), expected, "{line}");
        }
        for line in ["/model", "/dance", "/session "] {
            assert!(read(line).is_err(), "{line}");
        }
    }

    #[test]
    fn every_word_that_is_completed_is_an_order() {
        for word in WORDS {
            let line = format!("{word}x");
            let line = if word.ends_with(' ') { &line } else { word };
            assert!(matches!(read(line), Ok(Some(_))), "{word}");
        }
    }
}
