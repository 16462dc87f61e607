//! Object names: `Local\X`, `Global\X` and bare `X`, by Windows' rules.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use crate::error::{Error, ErrorKind, Result};

/// Longest whole name, in UTF-16 units, prefix included.
pub const MAX_UNITS: usize = 32_766;

const BACKSLASH: u16 = b'\\' as u16;

/// Which part of the name space a name lives in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Namespace {
    /// `Local\`: this user (on Windows: this session).
    Local,
    /// `Global\`: everybody on this machine.
    Global,
}

/// A valid object name.
///
/// All kinds of objects share one name space, and names are case-sensitive. A bare name is a `Local\` name.
/// Any character but `\` and NUL may follow the prefix, a lone surrogate from UTF-16 included: the name is
/// kept as UTF-16 units and comes back unchanged.
///
/// # Errors of the constructors
/// [`ErrorKind::InvalidName`], with the code Windows gives: 6 for the empty name, 161 for a leading `\`,
/// 3 for an unknown prefix or a further `\`, 123 for a prefix alone, a NUL, or more than [`MAX_UNITS`] units.
///
/// # References
/// [Kernel object namespaces](https://learn.microsoft.com/windows/win32/termserv/kernel-object-namespaces)
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name {
    namespace: Namespace,
    units: Box<[u16]>,
}

impl Name {
    /// Parses a name.
    ///
    /// # Errors
    /// See the type's own page.
    pub fn new(name: &str) -> Result<Self> {
        let mut units = Vec::with_capacity(name.len());
        units.extend(name.encode_utf16());
        Self::from_wide(&units)
    }

    /// Parses a name given as UTF-16 units, as Windows' `…W` calls take it, without a closing NUL.
    ///
    /// # Errors
    /// See the type's own page.
    pub fn from_wide(units: &[u16]) -> Result<Self> {
        let refuse = |code: u32, why: &'static str| {
            let shown = String::from_utf16_lossy(&units[..units.len().min(64)]);
            Err(Error::new(ErrorKind::InvalidName).code(code).detail(why).during("use the name", Some(shown)))
        };
        if units.is_empty() {
            return refuse(6, "the name is empty");
        }
        if units.len() > MAX_UNITS {
            return refuse(123, "the name is longer than 32,766 UTF-16 units");
        }
        if units.contains(&0) {
            return refuse(123, "the name contains a NUL");
        }
        let (namespace, rest) = match units.iter().position(|&unit| unit == BACKSLASH) {
            None => (Namespace::Local, units),
            Some(0) => return refuse(161, "the name starts with a backslash"),
            Some(at) => match String::from_utf16_lossy(&units[..at]).as_str() {
                "Local" => (Namespace::Local, &units[at + 1..]),
                "Global" => (Namespace::Global, &units[at + 1..]),
                _ => return refuse(3, "a prefix must be `Local\\` or `Global\\`, and no further backslash may follow"),
            },
        };
        if rest.is_empty() {
            return refuse(123, "nothing follows the prefix");
        }
        if rest.contains(&BACKSLASH) {
            return refuse(3, "no backslash may follow the prefix");
        }
        Ok(Self { namespace, units: rest.into() })
    }

    /// The part of the name space it lives in.
    pub fn namespace(&self) -> Namespace {
        self.namespace
    }

    /// The UTF-16 units after the prefix.
    pub fn units(&self) -> &[u16] {
        &self.units
    }

    /// The whole name with its prefix as UTF-16 units, without a closing NUL: what a Windows call takes. A `Local\` name
    /// that would be too long with its prefix goes without: it was given so, and means the same.
    pub fn to_wide(&self) -> Vec<u16> {
        self.prefix().encode_utf16().chain(self.units.iter().copied()).collect()
    }

    fn prefix(&self) -> &'static str {
        match self.namespace {
            Namespace::Local if self.units.len() + "Local\\".len() > MAX_UNITS => "",
            Namespace::Local => "Local\\",
            Namespace::Global => "Global\\",
        }
    }
}

/// As [`Name::to_wide`], so it can be parsed again; but a lone surrogate shows as U+FFFD.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.prefix())?;
        char::decode_utf16(self.units.iter().copied())
            .try_for_each(|unit| f.write_char(unit.unwrap_or(char::REPLACEMENT_CHARACTER)))
    }
}

impl FromStr for Name {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::new(name)
    }
}

impl TryFrom<&str> for Name {
    type Error = Error;

    fn try_from(name: &str) -> Result<Self> {
        Self::new(name)
    }
}

impl TryFrom<&String> for Name {
    type Error = Error;

    fn try_from(name: &String) -> Result<Self> {
        Self::new(name)
    }
}

impl TryFrom<String> for Name {
    type Error = Error;

    fn try_from(name: String) -> Result<Self> {
        Self::new(&name)
    }
}

impl TryFrom<&Name> for Name {
    type Error = Error;

    fn try_from(name: &Name) -> Result<Self> {
        Ok(name.clone())
    }
}

/// For the signatures `impl TryInto<Name, Error: Into<Error>>` of the constructors: a `Name` is already one.
impl From<std::convert::Infallible> for Error {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(name: &str) -> u32 {
        Name::new(name).expect_err("must be refused").windows_code()
    }

    #[test]
    fn prefixes_choose_the_namespace_and_a_bare_name_is_local() {
        assert_eq!(Name::new("x").unwrap(), Name::new("Local\\x").unwrap());
        assert_ne!(Name::new("x").unwrap(), Name::new("Global\\x").unwrap());
        assert_ne!(Name::new("x").unwrap(), Name::new("X").unwrap());
        assert_eq!(Name::new("Global\\x").unwrap().to_string(), "Global\\x");
    }

    #[test]
    fn bad_names_get_the_code_windows_gives() {
        assert_eq!(code(""), 6);
        assert_eq!(code("\\x"), 161);
        assert_eq!(code("a\\b"), 3);
        assert_eq!(code("local\\b"), 3);
        assert_eq!(code("Local\\a\\b"), 3);
        assert_eq!(code("Local\\"), 123);
        assert_eq!(code("Global\\"), 123);
        assert_eq!(code("Local\\\\"), 3);
        assert_eq!(code("a\0b"), 123);
        assert_eq!(code(&"n".repeat(MAX_UNITS + 1)), 123);
        assert!(Name::new(&"n".repeat(MAX_UNITS)).is_ok());
    }

    #[test]
    #[cfg_attr(miri, ignore = "takes Miri an hour and shows it nothing that short names do not")]
    fn the_longest_names_come_back() {
        for length in [MAX_UNITS - 6, MAX_UNITS - 5, MAX_UNITS] {
            let name = Name::new(&"n".repeat(length)).unwrap();
            assert_eq!(Name::from_wide(&name.to_wide()).unwrap(), name);
            assert_eq!(Name::new(&name.to_string()).unwrap(), name);
        }
    }

    #[test]
    fn any_other_character_is_legal_and_comes_back() {
        for name in ["/", ".", "..", "%", "%2F", " ", "a:b", "\u{1F980}", "é", "nul", "\n"] {
            assert_eq!(Name::new(name).unwrap().to_string(), format!("Local\\{name}"));
        }
        let lone = [0x61, 0xD800, 0x62];
        assert_eq!(Name::from_wide(&lone).unwrap().units(), lone);
        assert_ne!(Name::from_wide(&lone).unwrap(), Name::new("a\u{FFFD}b").unwrap());
    }
}
