//! Commands about objects: handles, views, what exists.

use std::fs::File;

use lasthandle::{Access, ErrorKind, Mapping, MappingOptions, Permissions, Protection, View, ViewAccess};

use super::{Answer, Refused, Session, Words, check};
use crate::system;

impl Session {
    /// None: another kind of command.
    pub(super) fn object_command(&mut self, verb: &str, words: &mut Words<'_>) -> Option<Answer> {
        Some(match verb {
            "create" => self.create(words),
            "open" => self.open(words),
            "adopt" => self.adopt(words),
            "duplicate" => self.duplicate(words),
            "inherit-value" => self.inherit_value(words),
            "close" => self.close(words),
            "map" => self.map(words),
            "unmap" => self.unmap(words),
            "fill" => self.fill(words),
            "expect" => self.expect(words),
            "size" => self.mapping(words).map(|mapping| mapping.size().to_string()),
            "list" => list(),
            "inspect" => inspect(words),
            "holders" => holders(words),
            "gc" => collect(),
            _ => return None,
        })
    }

    /// `create NUMBER NAME SIZE OPTION…`: answers `created` or `opened`.
    fn create(&mut self, words: &mut Words<'_>) -> Answer {
        let (number, name, size): (u32, _, u64) = (words.number()?, words.text()?, words.number()?);
        let mut only_new = false;
        let mut file = None;
        let mut options = Mapping::options().size(size);
        while let Ok(option) = words.text() {
            match option.split_once('=').unwrap_or((option, "")) {
                ("new", _) => only_new = true,
                ("file", path) => file = Some(File::options().read(true).write(true).open(path)?),
                ("file-to-read", path) => {
                    file = Some(File::open(path)?);
                    options = options.protection(Protection::ReadOnly);
                }
                _ => options = with_option(options, option)?,
            }
        }
        if let Some(file) = &file {
            options = options.file(file);
        }
        let mapping = match (name, only_new) {
            ("-", _) => options.create_unnamed()?,
            (name, true) => options.create_new(name)?,
            (name, false) => options.create(name)?,
        };
        let answer = if mapping.opened_existing() { "opened" } else { "created" };
        self.mappings.insert(number, mapping);
        Ok(answer.into())
    }

    /// `open NUMBER NAME [read] [inheritable]`: answers the size.
    fn open(&mut self, words: &mut Words<'_>) -> Answer {
        let (number, name): (u32, _) = (words.number()?, words.text()?);
        let mut options = Mapping::options();
        while let Ok(option) = words.text() {
            options = with_option(options, option)?;
        }
        let mapping = options.open(name)?;
        let size = mapping.size();
        self.mappings.insert(number, mapping);
        Ok(size.to_string())
    }

    fn adopt(&mut self, words: &mut Words<'_>) -> Answer {
        let (number, value): (u32, u64) = (words.number()?, words.number()?);
        self.mappings.insert(number, system::adopt(value)?);
        Ok(String::new())
    }

    fn duplicate(&mut self, words: &mut Words<'_>) -> Answer {
        let copy = self.mapping(words)?.try_clone()?;
        self.mappings.insert(words.number()?, copy);
        Ok(String::new())
    }

    fn inherit_value(&mut self, words: &mut Words<'_>) -> Answer {
        let value = self.mapping(words)?.inherit_value();
        value.map(|value| value.to_string()).ok_or_else(|| Refused("Check".into(), 0, "not inheritable".into()))
    }

    fn close(&mut self, words: &mut Words<'_>) -> Answer {
        let number: u32 = words.number()?;
        check(self.mappings.remove(&number).is_some(), "no such handle")?;
        Ok(String::new())
    }

    /// `map VIEW NUMBER [read|copy|execute] [OFFSET LENGTH]`: answers the length.
    fn map(&mut self, words: &mut Words<'_>) -> Answer {
        let number: u32 = words.number()?;
        let mapping = self.mapping(words)?;
        let mut options = mapping.view_options();
        let mut range = Vec::new();
        while let Ok(word) = words.text() {
            options = match word {
                "read" => options.access(ViewAccess::ReadOnly),
                "copy" => options.access(ViewAccess::CopyOnWrite),
                "execute" => options.access(ViewAccess::ExecuteRead),
                other => {
                    range.push(other.parse().unwrap_or(0));
                    options
                }
            };
        }
        if let [offset, length] = range[..] {
            options = options.offset(offset).length(length);
        }
        let view = options.map()?;
        let length = view.len();
        self.views.insert(number, view);
        Ok(length.to_string())
    }

    fn unmap(&mut self, words: &mut Words<'_>) -> Answer {
        let number: u32 = words.number()?;
        check(self.views.remove(&number).is_some(), "no such view")?;
        Ok(String::new())
    }

    /// `fill VIEW BYTE`: writes all of it.
    fn fill(&mut self, words: &mut Words<'_>) -> Answer {
        let view = self.view(words)?;
        let page = [words.number()?; 4096];
        for start in (0..view.len()).step_by(page.len()) {
            view.write_at(start, &page[..page.len().min(view.len() - start)])?;
        }
        Ok(String::new())
    }

    /// `expect VIEW BYTE`: reads all of it.
    fn expect(&mut self, words: &mut Words<'_>) -> Answer {
        let view = self.view(words)?;
        expect_all(view, words.number()?)?;
        Ok(String::new())
    }

    fn mapping(&self, words: &mut Words<'_>) -> Result<&Mapping, Refused> {
        let number: u32 = words.number()?;
        self.mappings.get(&number).ok_or_else(|| Refused("Check".into(), 0, "no such handle".into()))
    }

    fn view(&self, words: &mut Words<'_>) -> Result<&View, Refused> {
        let number: u32 = words.number()?;
        self.views.get(&number).ok_or_else(|| Refused("Check".into(), 0, "no such view".into()))
    }
}

/// Every byte of the view is `byte`.
fn expect_all(view: &View, byte: u8) -> Result<(), Refused> {
    let mut page = [0; 4096];
    for start in (0..view.len()).step_by(page.len()) {
        let page = &mut page[..4096.min(view.len() - start)];
        view.read_at(start, page)?;
        if let Some(at) = page.iter().position(|&found| found != byte) {
            check(false, format!("byte {} is {}, not {byte}", start + at, page[at]))?;
        }
    }
    Ok(())
}

fn with_option<'a>(options: MappingOptions<'a>, option: &str) -> Result<MappingOptions<'a>, Refused> {
    Ok(match option.split_once('=').unwrap_or((option, "")) {
        ("read", _) => options.access(Access::READ),
        ("write", _) => options.access(Access::WRITE),
        ("execute", _) => options.access(Access::READ | Access::EXECUTE),
        ("inheritable", _) => options.inheritable(true),
        ("reserve", _) => options.reserve(true),
        ("executable", _) => options.protection(Protection::ExecuteReadWrite),
        ("read-only", _) => options.protection(Protection::ReadOnly),
        ("everyone", _) => options.permissions(Permissions::Everyone),
        ("group", _) => options.permissions(Permissions::Group),
        ("mode", octal) => options.permissions(Permissions::Mode(u32::from_str_radix(octal, 8).unwrap_or(0))),
        _ => return Err(Refused("Command".into(), 0, format!("unknown option {option}"))),
    })
}

/// `LABEL=HOLDERS` for each object, or `LABEL=KIND` where it cannot be asked.
fn list() -> Answer {
    let mut entries: Vec<String> = lasthandle::list()?.into_iter().map(shown).collect();
    entries.sort();
    Ok(entries.join(" "))
}

fn inspect(words: &mut Words<'_>) -> Answer {
    Ok(shown(lasthandle::inspect(words.text()?)?))
}

fn shown(entry: lasthandle::Entry) -> String {
    match entry.info {
        Ok(_) => format!("{}={}", entry.label, entry.holders.map_or_else(|| "?".into(), |count| count.to_string())),
        Err(error) => format!("{}={:?}", entry.label, error.kind()),
    }
}

fn holders(words: &mut Words<'_>) -> Answer {
    let holders = lasthandle::holders(words.text()?)?;
    let shown = |holder: lasthandle::Holder| format!("{}:{}:{}", holder.pid, holder.handle, holder.memory);
    Ok(holders.into_iter().map(shown).collect::<Vec<_>>().join(" "))
}

/// Answers how many leftovers went, and which could not.
fn collect() -> Answer {
    let leftovers = lasthandle::collect_leftovers(false)?;
    let kept: Vec<_> = leftovers.iter().filter_map(|leftover| leftover.removed.as_ref().err()).collect();
    let kept: Vec<ErrorKind> = kept.into_iter().map(lasthandle::Error::kind).collect();
    Ok(format!("{} {kept:?}", leftovers.len() - kept.len()))
}
