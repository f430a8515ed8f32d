//! Names under which the daemon is reached, and origins of pages.

/// A name under which clients reach the daemon, as `--host` takes it.
///
/// # Errors
/// It is more than a name.
pub(crate) fn host(text: &str) -> Result<String, String> {
    let is_name =
        !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || "/@?#".contains(c));
    let wrong = || format!("{text:?} is no name of a machine such as box.lan or box.lan:8080");
    is_name.then(|| text.to_owned()).ok_or_else(wrong)
}

/// An origin whose pages may use the daemon, as `--origin` takes it.
///
/// # Errors
/// No page has such an origin.
pub(crate) fn origin(text: &str) -> Result<String, String> {
    let rest = ["https://", "http://"].iter();
    let mut rest = rest.filter_map(|scheme| text.strip_prefix(scheme));
    let named = rest.next().map(|rest| rest.trim_end_matches('/'));
    let wrong = || format!("{text:?} is no origin such as https://app.example");
    let named = named.filter(|name| host(name).is_ok());
    named.map(|_| text.to_owned()).ok_or_else(wrong)
}
