//! What can never be handed to a program: texts with a NUL, names that are none, paths that no system
//! takes. Refused when an engine opens, with the name of the option, and not turn by turn.

use std::path::Path;

use super::config::{EngineOptions, InheritEnv};
use crate::error::Error;

/// The longest path of Linux (`PATH_MAX`, without its NUL). What is longer is looked up nowhere: its
/// parts alone could be millions.
const LONGEST_PATH: usize = 4095;

/// A path that a system call takes.
pub(super) fn check_path(option: &str, path: &Path) -> Result<(), Error> {
    let bytes = path.as_os_str().as_encoded_bytes();
    if bytes.is_empty() {
        return Err(Error::invalid(format!("{option} is empty")));
    }
    if bytes.len() > LONGEST_PATH {
        let message = format!(
            "{option} has {} bytes, at most {LONGEST_PATH} are allowed",
            bytes.len()
        );
        return Err(Error::invalid(message));
    }
    check_bytes(option, bytes)
}

/// A path that agents are told. Their protocols are JSON, and most of them write U+FFFD for what is not
/// Unicode: another directory.
pub(super) fn check_unicode(option: &str, path: &Path) -> Result<(), Error> {
    match path.to_str() {
        Some(_) => Ok(()),
        None => Err(Error::invalid(format!(
            "{option} {} is not UTF-8, and agents could not be told it",
            path.display()
        ))),
    }
}

/// The texts among the options. Paths are looked at where they are made whole, see `BaseDir`.
pub(super) fn check_options(options: &EngineOptions) -> Result<(), Error> {
    for root in &options.jail_roots {
        check_path("jail_roots", root)?;
    }
    let arguments = [
        ("program_args", &options.program_args),
        ("allowed_tools", &options.allowed_tools),
        ("disallowed_tools", &options.disallowed_tools),
    ];
    let arguments = arguments.into_iter();
    let arguments =
        arguments.flat_map(|(option, texts)| texts.iter().map(move |text| (option, text)));
    let alone = [
        ("program", &options.program),
        ("model", &options.model),
        ("base_system_prompt", &options.base_system_prompt),
    ];
    let alone = alone
        .into_iter()
        .filter_map(|(option, text)| Some((option, text.as_ref()?)));
    let mut texts = arguments.chain(alone);
    texts.try_for_each(|(option, text)| check_bytes(option, text.as_bytes()))?;
    check_variables(options)
}

fn check_variables(options: &EngineOptions) -> Result<(), Error> {
    for (name, value) in &options.env {
        check_name("env", name)?;
        let of_variable = format!("env.{name}");
        check_bytes(
            &of_variable,
            value.as_deref().unwrap_or_default().as_bytes(),
        )?;
    }
    match &options.inherit_env {
        InheritEnv::All => Ok(()),
        InheritEnv::Named(names) => names
            .iter()
            .try_for_each(|name| check_name("inherit_env", name)),
    }
}

/// `A=B` would set another variable than it says.
fn check_name(option: &str, name: &str) -> Result<(), Error> {
    match name.is_empty() || name.contains(['=', '\0']) {
        true => Err(Error::invalid(format!(
            "{option}: {name:?} is no name of a variable"
        ))),
        false => Ok(()),
    }
}

fn check_bytes(option: &str, bytes: &[u8]) -> Result<(), Error> {
    match bytes.contains(&0) {
        true => Err(Error::invalid(format!("{option} has a NUL"))),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    /// A change of options that were possible before.
    type Change = fn(&mut EngineOptions);

    #[test]
    fn what_no_program_can_be_given_is_refused_with_its_option() {
        let table: [(&str, Change); 8] = [
            ("program has a NUL", |o| o.program = Some("a\0b".into())),
            ("program_args has a NUL", |o| {
                o.program_args = vec!["a\0".into()]
            }),
            ("model has a NUL", |o| o.model = Some("\0".into())),
            ("base_system_prompt has", |o| {
                o.base_system_prompt = Some("a\0".into())
            }),
            ("env: \"A=B\" is no name", |o| {
                drop(o.env.insert("A=B".into(), None))
            }),
            ("env: \"\" is no name", |o| {
                drop(o.env.insert("".into(), None))
            }),
            ("env.A has a NUL", |o| {
                drop(o.env.insert("A".into(), Some("\0".into())))
            }),
            ("jail_roots is empty", |o| o.jail_roots = vec!["".into()]),
        ];
        assert!(check_options(&EngineOptions::default()).is_ok());
        for (expected, change) in table {
            let mut options = EngineOptions::default();
            change(&mut options);
            let refused = check_options(&options).unwrap_err();
            assert!(refused.message().contains(expected), "{refused}");
        }
    }

    #[test]
    fn a_path_is_as_long_as_a_system_takes() {
        let longest = "/".repeat(LONGEST_PATH);
        assert!(check_path("p", Path::new(&longest)).is_ok());
        let longer = check_path("p", Path::new(&format!("{longest}/"))).unwrap_err();
        assert_eq!(
            longer.message(),
            "p has 4096 bytes, at most 4095 are allowed"
        );
        let odd = check_path("p", Path::new("/a\0b")).unwrap_err();
        assert_eq!(odd.message(), "p has a NUL");
        let mangled = Path::new(OsStr::from_bytes(b"/a\xff"));
        let refused = check_unicode("p", mangled).unwrap_err();
        assert!(refused.message().starts_with("p /a\u{fffd} is not UTF-8"));
    }
}
