//! The engines that the daemon serves, by name.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hotplex::{Engine, EngineOptions, EventStream};
use serde_json::{Map, Value};

use crate::access::{Access, Principal};
use crate::config::Settings;

/// One open engine. A key with tools of its own has engines of its own: their lists bind when an
/// engine opens.
pub(crate) struct Served {
    /// As the configuration names it.
    pub(crate) name: String,
    pub(crate) engine: Engine,
    /// After how long the engine denies a request without an answer; zero for never.
    pub(crate) approval_timeout: Duration,
    /// Where its guard writes verdicts down.
    pub(crate) audit_file: Option<PathBuf>,
    /// The name for figures: with the tools, if they are those of a key.
    pub(crate) label: String,
}

/// The engines of the daemon. They are opened once: reading the configuration again changes who may
/// use them, not what they are.
pub(crate) struct Engines {
    /// By name, and by the tools of a key if it has its own.
    open: BTreeMap<(String, Option<Vec<String>>), Arc<Served>>,
    default: String,
}

/// An engine and its one stream of events.
pub(crate) type Opened = (Arc<Served>, EventStream);

impl Engines {
    /// Opens all that the settings and the keys ask for.
    ///
    /// # Errors
    /// The engine that cannot be opened, and why.
    pub(crate) fn open(
        settings: &Settings,
        access: &Access,
    ) -> Result<(Engines, Vec<Opened>), String> {
        let mut engines = Engines {
            open: BTreeMap::new(),
            default: settings.default_engine.clone(),
        };
        let mut streams = Vec::new();
        let mut lists: Vec<Option<Vec<String>>> = vec![None];
        lists.extend(access.tool_lists());
        for (name, options) in &settings.engines {
            for tools in &lists {
                let (served, stream) = open(name, options, tools.as_deref())?;
                let key = (name.clone(), tools.clone());
                if engines.open.insert(key, Arc::clone(&served)).is_none() {
                    streams.push((served, stream));
                }
            }
        }
        Ok((engines, streams))
    }

    /// The name of the engine of a client that names none: the default one, or its first if it may not
    /// use that.
    pub(crate) fn default_of<'a>(&'a self, principal: &'a Principal) -> &'a str {
        let own = principal.engines.as_ref().and_then(|names| names.first());
        let own = own.filter(|_| !principal.may_use(&self.default));
        own.unwrap_or(&self.default)
    }

    /// The engine that a client means; its default one without a name.
    ///
    /// # Errors
    /// There is none of this name for this client.
    pub(crate) fn find(
        &self,
        principal: &Principal,
        name: Option<&str>,
    ) -> Result<Arc<Served>, String> {
        let name = name.unwrap_or_else(|| self.default_of(principal));
        let key = (name.to_owned(), principal.tools.clone());
        let found = self.open.get(&key).filter(|_| principal.may_use(name));
        found
            .cloned()
            .ok_or_else(|| format!("there is no engine {name:?} for this key"))
    }

    /// Those that a client may use.
    pub(crate) fn of<'a>(
        &'a self,
        principal: &'a Principal,
    ) -> impl Iterator<Item = &'a Arc<Served>> {
        let fits = |((name, tools), _): &(&(String, Option<Vec<String>>), &Arc<Served>)| {
            *tools == principal.tools && principal.may_use(name)
        };
        self.open.iter().filter(fits).map(|(_, served)| served)
    }

    /// The engines whose sessions a client may see: those of every key for the owner.
    pub(crate) fn of_list(&self, principal: &Principal) -> Vec<Arc<Served>> {
        match principal.is_owner() {
            true => self.all().cloned().collect(),
            false => self.of(principal).cloned().collect(),
        }
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Served>> {
        self.open.values()
    }
}

fn open(
    name: &str,
    options: &Map<String, Value>,
    tools: Option<&[String]>,
) -> Result<Opened, String> {
    let mut options = options.clone();
    if let Some(tools) = tools {
        options.insert("allowed_tools".into(), Value::from(tools));
    }
    let wrong = |error: hotplex::Error| format!("engine {name:?}: {error}");
    let json = Value::Object(options).to_string();
    let options = EngineOptions::from_json(&json).map_err(wrong)?;
    let approval_timeout = options.approval_timeout;
    let audit_file = options.guard.audit_file.clone();
    let engine = options.open().map_err(wrong)?;
    let stream = engine.event_stream().map_err(wrong)?;
    let served = Served {
        name: name.to_owned(),
        engine,
        approval_timeout,
        audit_file,
        label: match tools {
            Some(tools) => format!("{name} [{}]", tools.join(",")),
            None => name.to_owned(),
        },
    };
    Ok((Arc::new(served), stream))
}
