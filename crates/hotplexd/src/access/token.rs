//! Tokens and the files they are kept in.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use subtle::ConstantTimeEq;

/// Shorter ones can be guessed.
const SHORTEST: usize = 16;

/// A secret that a client shows. It is never written anywhere but into its file.
pub(crate) struct BearerToken(Vec<u8>);

impl BearerToken {
    /// Compares in a time that depends on nothing but the lengths.
    pub(crate) fn is(&self, given: &str) -> bool {
        self.0.ct_eq(given.as_bytes()).into()
    }
}

impl PartialEq for BearerToken {
    fn eq(&self, other: &BearerToken) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(...)")
    }
}

/// Reads the token of a file, or makes one if there is no file yet; then the text is given too.
///
/// # Errors
/// A file that cannot be read or made, that others may read, or whose token is too short.
pub(crate) fn read_or_make(path: &Path) -> Result<(BearerToken, Option<String>), String> {
    let wrong = |error: &dyn fmt::Display| format!("token file {}: {error}", path.display());
    match read(path) {
        Ok(text) => Ok((BearerToken(text.into_bytes()), None)),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let text = make(path).map_err(|error| wrong(&error))?;
            Ok((BearerToken(text.clone().into_bytes()), Some(text)))
        }
        Err(error) => Err(wrong(&error)),
    }
}

/// Reads the token of a file.
///
/// # Errors
/// A file that cannot be read, that others may read, or whose token is too short.
pub(crate) fn read(path: &Path) -> std::io::Result<String> {
    let text = fs::read_to_string(path)?;
    let mode = fs::metadata(path)?.mode();
    let refuse = |why: String| Err(std::io::Error::new(ErrorKind::InvalidData, why));
    if mode & 0o077 != 0 {
        let why = "others may read it; set its mode to 600".to_owned();
        return refuse(why);
    }
    let token = text.trim();
    if token.len() < SHORTEST {
        return refuse(format!("a token has at least {SHORTEST} characters"));
    }
    if !token
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "-_.~".contains(c))
    {
        return refuse("a token has letters, digits, '-', '_', '.' and '~' alone".to_owned());
    }
    Ok(token.to_owned())
}

/// Makes a file with a new token that only its owner can read.
fn make(path: &Path) -> std::io::Result<String> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    let mut bytes = [0u8; 32];
    fill(&mut bytes)?;
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    writeln!(file, "{text}")?;
    Ok(text)
}

fn fill(bytes: &mut [u8]) -> std::io::Result<()> {
    let mut filled = 0;
    while filled < bytes.len() {
        let flags = rustix::rand::GetRandomFlags::empty();
        filled += rustix::rand::getrandom(&mut bytes[filled..], flags)?;
    }
    Ok(())
}
