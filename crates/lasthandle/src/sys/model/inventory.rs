//! What exists in a model, and who keeps it: always this very process.

use std::sync::Arc;

use super::{Model, Object};
use crate::error::{Error, ErrorKind, Result};
use crate::name::Name;
use crate::sys::{Entry, Holder, Inventory, Leftover};

impl Inventory for Model {
    fn list(&self) -> Result<Vec<Entry>> {
        let names = self.names();
        Ok(names.iter().filter_map(|(name, object)| Some(entry(name, &object.upgrade()?))).collect())
    }

    fn inspect(&self, name: &Name) -> Result<Entry> {
        let object = self.names().get(name).and_then(std::sync::Weak::upgrade);
        object.map(|object| entry(name, &object)).ok_or_else(|| Error::new(ErrorKind::NotFound))
    }

    fn holders(&self, name: &Name) -> Result<Vec<Holder>> {
        self.inspect(name)?;
        let command = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>();
        Ok(vec![Holder { pid: std::process::id(), command: command.join(" "), handle: true, memory: true }])
    }

    fn collect(&self, _dry_run: bool) -> Result<Vec<Leftover>> {
        // Whoever could have been killed took the whole name space along.
        Ok(Vec::new())
    }
}

fn entry(name: &Name, object: &Arc<Object>) -> Entry {
    // One count is the caller's own.
    let handles = Arc::strong_count(object) - 1;
    Entry {
        name: Some(name.clone()),
        label: name.to_string(),
        info: Ok(object.info()),
        holders: u32::try_from(handles).ok(),
        owner: None,
        waiters: None,
    }
}
