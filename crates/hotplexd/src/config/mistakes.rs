//! What a file says that cannot be meant, told with the line and the key.
//!
//! What is no value of its kind is told by the reader of the file itself.

use std::fmt::Display;
use std::path::PathBuf;
use std::time::Duration;

use toml::de::{DeTable, DeValue};
use tracing_subscriber::EnvFilter;

use super::file::{File, KeyFile};
use super::listen::Listen;
use crate::values::names::{host, origin};

/// A file that was read; without one the text is empty.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConfigText {
    path: PathBuf,
    text: String,
}

/// Where a mistake stands, from the outermost table, and what it is.
type Mistake = (Vec<String>, String);

impl ConfigText {
    /// # Errors
    /// The file cannot be read.
    pub(super) fn open(path: Option<&PathBuf>) -> Result<ConfigText, String> {
        let Some(path) = path else {
            return Ok(ConfigText::default());
        };
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|error| format!("{}: {error}", path.display()))?;
        let path = path.clone();
        Ok(ConfigText { path, text })
    }

    /// What stands in it.
    ///
    /// # Errors
    /// The first mistake.
    pub(super) fn read(&self) -> Result<(File, toml::Table), String> {
        let read = File::parse(&self.text);
        let (file, raw) = read.map_err(|error| format!("{}: {error}", self.path.display()))?;
        self.check(&file)?;
        Ok((file, raw))
    }

    /// A mistake for a person: file, line, key and reason.
    pub(super) fn wrong(&self, (key, why): &Mistake) -> String {
        let line =
            line_of(&self.text, key).map_or_else(String::new, |line| format!("line {line}: "));
        let names = key.iter().filter(|part| part.parse::<usize>().is_err());
        let key = names.cloned().collect::<Vec<_>>().join(".");
        format!("{}: {line}{key}: {why}", self.path.display())
    }

    /// What is wrong with the token of a key.
    pub(crate) fn wrong_token(&self, key: &str, why: String) -> String {
        let path = ["keys", key, "token_file"].map(str::to_owned);
        self.wrong(&(path.into(), why))
    }

    fn check(&self, file: &File) -> Result<(), String> {
        let found = of_listening(file)
            .or_else(|| of_site(file))
            .or_else(|| of_limits(file))
            .or_else(|| of_log(file))
            .or_else(|| of_keys(file));
        self.told(found)
    }

    /// The names of engines that stand in the file.
    ///
    /// # Errors
    /// The first one that is none of those that there are.
    pub(super) fn check_engines(&self, file: &File, there: &[&str]) -> Result<(), String> {
        let known = |name: &String| match there.contains(&name.as_str()) {
            true => Ok(()),
            false => Err(format!(
                "there is no engine {name:?}, only {}",
                there.join(", ")
            )),
        };
        let default = file.default_engine.as_ref();
        let default = default.and_then(|name| mistake(["default_engine"], known(name).err()?));
        let of_key = |(name, key): (&String, &KeyFile)| {
            let found = of_list("engines", key.engines.as_ref(), known);
            found.map(|found| within(name, found))
        };
        self.told(default.or_else(|| file.keys.iter().find_map(of_key)))
    }

    fn told(&self, found: Option<Mistake>) -> Result<(), String> {
        found.map_or(Ok(()), |mistake| Err(self.wrong(&mistake)))
    }
}

/// The line in which a value stands; that of the last part of the key that there is.
fn line_of(text: &str, key: &[String]) -> Option<usize> {
    let document = DeTable::parse(text).ok()?;
    let mut table = Some(document.get_ref());
    let mut list = None;
    let mut at = None;
    for part in key {
        let value = match (table, list) {
            (Some(table), _) => {
                let entry = table.iter().find(|(name, _)| name.get_ref() == part);
                entry.map(|(name, value)| (name.span().start, value.get_ref()))
            }
            (None, Some(items)) => {
                let items: &toml::de::DeArray<'_> = items;
                let item = part.parse().ok().and_then(|at: usize| items.get(at));
                item.map(|item| (item.span().start, item.get_ref()))
            }
            (None, None) => None,
        };
        let Some((start, value)) = value else {
            break;
        };
        at = Some(start);
        (table, list) = match value {
            DeValue::Table(inner) => (Some(inner), None),
            DeValue::Array(items) => (None, Some(items)),
            _ => (None, None),
        };
    }
    let before = text.get(..at?)?;
    Some(before.matches('\n').count() + 1)
}

fn mistake<const N: usize>(key: [&str; N], why: impl Display) -> Option<Mistake> {
    Some((key.map(str::to_owned).into(), why.to_string()))
}

/// The first item of a list that cannot be used.
fn of_list<T>(
    key: &str,
    items: Option<&Vec<T>>,
    check: impl Fn(&T) -> Result<(), String>,
) -> Option<Mistake> {
    let mut wrong = items?.iter().enumerate();
    wrong.find_map(|(at, item)| mistake([key, &at.to_string()], check(item).err()?))
}

fn of_listening(file: &File) -> Option<Mistake> {
    match (&file.listen, file.no_token, &file.token_file) {
        (Some(listen), ..) if listen.is_empty() => mistake(["listen"], "it names no address"),
        (_, Some(true), Some(_)) => mistake(["token_file"], "no_token says that there is none"),
        (Some(_), ..) if file.port.is_some() => {
            mistake(["port"], "listen says where to listen already")
        }
        (listen, ..) => of_list("listen", listen.as_ref(), |text| {
            Listen::parse(text).map(drop)
        }),
    }
}

fn of_site(file: &File) -> Option<Mistake> {
    of_list("hosts", file.hosts.as_ref(), |text| host(text).map(drop))
        .or_else(|| {
            of_list("origins", file.origins.as_ref(), |text| {
                origin(text).map(drop)
            })
        })
        .or_else(|| match &file.work_roots {
            Some(roots) if roots.is_empty() => mistake(["work_roots"], "it names no directory"),
            _ => None,
        })
}

fn of_limits(file: &File) -> Option<Mistake> {
    let limits = &file.limits;
    let counts = [
        ("connections", limits.connections),
        ("frame_bytes", limits.frame_bytes),
        ("body_bytes", limits.body_bytes),
        ("ring_events", limits.ring_events),
        ("ring_bytes", limits.ring_bytes),
    ];
    let times = [
        ("header_timeout", limits.header_timeout),
        ("body_timeout", limits.body_timeout),
        ("write_timeout", limits.write_timeout),
    ];
    let none = counts.iter().find(|(_, count)| *count == Some(0));
    let least = Some(Duration::from_millis(1));
    let at_once = times
        .iter()
        .find(|(_, time)| time.is_some() && *time < least);
    let name = none.map(|(name, _)| name);
    let name = name.or(at_once.map(|(name, _)| name))?;
    mistake(["limits", name], "with that nobody could be served")
}

fn of_log(file: &File) -> Option<Mistake> {
    if let Some(format) = &file.log.format
        && !["text", "json"].contains(&format.as_str())
    {
        let why = format!("{format:?} is neither \"text\" nor \"json\"");
        return mistake(["log", "format"], why);
    }
    let level = file.log.level.as_ref()?;
    let read = EnvFilter::builder().parse(level);
    mistake(["log", "level"], read.err()?)
}

/// A mistake of a key, from the outermost table.
fn within(key: &str, (inner, why): Mistake) -> Mistake {
    let path = ["keys".to_owned(), key.to_owned()].into_iter().chain(inner);
    (path.collect(), why)
}

fn of_keys(file: &File) -> Option<Mistake> {
    let mut keys = file.keys.iter();
    keys.find_map(|(name, key)| of_key(name, key).map(|found| within(name, found)))
}

fn of_key(name: &str, key: &KeyFile) -> Option<Mistake> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.is_empty() || !name.chars().all(plain) {
        let why = format!("the name {name:?} has more than letters, digits, '-', '_', '.'");
        return mistake([], why);
    }
    if key
        .cost_usd_per_day
        .is_some_and(|cost| !cost.is_finite() || cost < 0.0)
    {
        return mistake(["cost_usd_per_day"], "it is no amount of dollars");
    }
    let root = |root: &PathBuf| {
        let there = root.canonicalize().map(drop);
        there.map_err(|error| format!("{}: {error}", root.display()))
    };
    let is_empty = [
        ("engines", key.engines.as_ref().is_some_and(Vec::is_empty)),
        (
            "work_roots",
            key.work_roots.as_ref().is_some_and(Vec::is_empty),
        ),
    ];
    if let Some((name, _)) = is_empty.iter().find(|(_, is_empty)| *is_empty) {
        return mistake([name], "with none of them the key is of no use");
    }
    of_list("work_roots", key.work_roots.as_ref(), root)
}
