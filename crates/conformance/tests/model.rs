//! The suite on the model.

use std::sync::atomic::{AtomicU32, Ordering};

use conformance::{Disk, Fixture, suite};
use lasthandle::sys::model::{FileMode, Model, ModelFile};

struct ModelFixture {
    model: Model,
    tag: String,
}

impl Fixture for ModelFixture {
    type Kernel = Model;
    type Disk = ModelDisk;

    const LARGE_RESERVE: u64 = 2 << 30;

    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        Self { model: Model::new(), tag: format!("model.{}.", NEXT.fetch_add(1, Ordering::Relaxed)) }
    }

    fn kernel(&self) -> &Model {
        &self.model
    }

    fn tag(&self) -> &str {
        &self.tag
    }

    fn disk(&self, bytes: &[u8]) -> ModelDisk {
        ModelDisk(ModelFile::new(bytes).expect("a small file"))
    }

    fn departs(row: &str) -> Option<&'static str> {
        (row == "views::a_free_base_is_honoured").then_some("the allocator chooses where the model's memory lies")
    }
}

struct ModelDisk(ModelFile);

impl Disk for ModelDisk {
    type File = ModelFile;

    fn open(&self, mode: FileMode) -> Option<ModelFile> {
        Some(self.0.reopen(mode))
    }

    fn bytes(&self) -> Vec<u8> {
        self.0.bytes()
    }
}

suite!(ModelFixture);
