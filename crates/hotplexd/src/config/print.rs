//! The settings in force, as a configuration file that gives them again.

use serde_json::{Map, Value, json};

use super::settings::Settings;
use crate::cli::LogFormat;
use crate::values::duration;

/// The file's text. Values of the agents' environment are secrets as a rule and are left out.
pub(crate) fn print(settings: &Settings) -> String {
    let mut file = Map::new();
    let listen = settings.listen.iter().map(ToString::to_string);
    file.insert("listen".into(), listen.collect());
    match &settings.token_file {
        Some(path) => file.insert("token_file".into(), json!(path)),
        None => file.insert("no_token".into(), json!(true)),
    };
    file.insert("work_roots".into(), json!(settings.work_roots));
    file.insert("grace".into(), json!(duration::write(settings.grace)));
    file.insert("hosts".into(), json!(settings.hosts));
    file.insert("origins".into(), json!(settings.origins));
    file.insert("default_engine".into(), json!(settings.default_engine));
    let limits = &settings.limits;
    file.insert(
        "limits".into(),
        json!({
            "connections": limits.connections,
            "frame_bytes": limits.frame_bytes,
            "body_bytes": limits.body_bytes,
            "ring_events": limits.ring_events,
            "ring_bytes": limits.ring_bytes,
            "header_timeout": duration::write(limits.header_timeout),
            "body_timeout": duration::write(limits.body_timeout),
            "write_timeout": duration::write(limits.write_timeout),
        }),
    );
    let format = match settings.log_format {
        LogFormat::Text => "text",
        LogFormat::Json => "json",
    };
    file.insert(
        "log".into(),
        json!({"level": settings.log_level, "format": format}),
    );
    if let Some(tls) = &settings.tls {
        file.insert(
            "tls".into(),
            json!({"certificate": tls.certificate, "key": tls.key}),
        );
    }
    file.insert("engines".into(), engines(settings));
    if !settings.keys.is_empty() {
        file.insert("keys".into(), keys(settings));
    }
    toml::to_string(&Value::Object(file)).unwrap_or_else(|error| format!("# {error}\n"))
}

fn engines(settings: &Settings) -> Value {
    let engines = settings.engines.iter().map(|(name, options)| {
        let mut options = options.clone();
        if let Some(Value::Object(variables)) = options.get_mut("env") {
            variables
                .values_mut()
                .for_each(|value| *value = json!("***"));
        }
        options.retain(|_, value| !value.is_null());
        (name.clone(), Value::Object(options))
    });
    Value::Object(engines.collect())
}

fn keys(settings: &Settings) -> Value {
    let keys = settings.keys.iter().map(|(name, key)| {
        let mut table = json!({
            "token_file": key.token_file,
            "work_roots": key.work_roots,
            "engines": key.engines,
            "allowed_tools": key.allowed_tools,
            "turns_at_once": key.turns_at_once,
            "turns_per_day": key.turns_per_day,
            "cost_usd_per_day": key.cost_usd_per_day,
        });
        if let Some(table) = table.as_object_mut() {
            table.retain(|_, value| !value.is_null());
        }
        (name.clone(), table)
    });
    Value::Object(keys.collect())
}
