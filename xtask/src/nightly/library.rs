//! The source of Rust 1.96's library, made to fit a compiler of the 1.97 cycle.
//!
//! Between the two, three things that the compiler and its library must agree on changed. Each is an edit below. An
//! edit that does not find its place ends the task: then the source or the compiler is another one, the edit is no
//! longer needed or no longer enough, and somebody has to look.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::machine;

struct Edit {
    file: &'static str,
    find: &'static str,
    put: &'static str,
}

const EDITS: [Edit; 6] = [
    // A shared reborrow's target became a parameter of its trait.
    Edit {
        file: "core/src/ops/reborrow.rs",
        find: "pub trait CoerceShared: Reborrow",
        put: "pub trait CoerceShared<Target: Copy>: Reborrow",
    },
    Edit { file: "core/src/ops/reborrow.rs", find: "    type Target: Copy;\n", put: "" },
    // What the compiler fills in is no longer `drop_in_place`, but a function behind it that takes a reference.
    Edit { file: "core/src/ptr/mod.rs", find: "#[lang = \"drop_in_place\"]\n", put: "" },
    Edit {
        file: "core/src/ptr/mod.rs",
        find: "    unsafe { drop_in_place(to_drop) }\n}\n",
        put: "    unsafe { drop_glue(&mut *to_drop) }\n}\n\n/// Filled in by the compiler.\n#[lang = \"drop_glue\"]\n\
              #[rustc_const_unstable(feature = \"const_drop_in_place\", issue = \"109342\")]\n\
              const unsafe fn drop_glue<T: PointeeSized>(_: &mut T)\nwhere\n    T: [const] Destruct,\n{\n}\n",
    },
    // That a `NonNull` is not null is now said by its field's type.
    Edit { file: "core/src/ptr/non_null.rs", find: "#[rustc_layout_scalar_valid_range_start(1)]\n", put: "" },
    Edit {
        file: "core/src/ptr/non_null.rs",
        find: "    pointer: *const T,\n",
        put: "    pointer: crate::pattern_type!(*const T is !null),\n",
    },
];

/// A copy of the source with the edits in it, made anew if there is none that was finished.
pub(crate) fn fitted(source: &Path, copy: &Path) -> Result<PathBuf> {
    let library = copy.join("library");
    let done = copy.join("done");
    if !done.exists() {
        if copy.exists() {
            fs::remove_dir_all(copy)?;
        }
        fs::create_dir_all(copy)?;
        machine::run(Command::new("cp").args(["-r", "--dereference"]).arg(source.canonicalize()?).arg(&library))?;
        EDITS.iter().try_for_each(|edit| edit.apply(&library))?;
        fs::write(done, "")?;
    }
    Ok(library)
}

impl Edit {
    fn apply(&self, library: &Path) -> Result<()> {
        let file = library.join(self.file);
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        ensure!(
            text.matches(self.find).count() == 1,
            "the library in {} is not the one that xtask/src/nightly/library.rs was written for: {}",
            library.display(),
            self.find.trim()
        );
        Ok(fs::write(&file, text.replace(self.find, self.put))?)
    }
}
