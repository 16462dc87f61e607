//! What channels need: objects inside sections, and to learn of the ends of processes.

use std::sync::Arc;

use rustix::time::ClockId;

use super::life::Lives;
use super::machine::now;
use super::object::show_life;
use super::operand::Operand;
use super::watch;
use crate::access::{Access, Permissions};
use crate::error::{Error, ErrorKind, Result};
use crate::kind::Kind;
use crate::name::Name;
use crate::protocol::{Form, Id};
use crate::sys::end::{EndKernel, INNER_BYTES, Inner, Token};
use crate::sys::linux::Linux;
use crate::sys::linux::handle::Handle;
use crate::sys::linux::page::Words;
use crate::sys::linux::view::View;

const _: () = assert!(size_of::<Words>() == INNER_BYTES && align_of::<Words>() == INNER_BYTES);

impl EndKernel for Linux {
    fn inner(
        &self,
        section: &Handle,
        _: &Name,
        view: &Arc<View>,
        offset: usize,
        what: Inner,
        _: &Permissions,
    ) -> Result<Handle> {
        let lives = world(section)?;
        let form = match what {
            Inner::Event => Form::Event { manual: false },
            Inner::Mutex => Form::Mutex,
        };
        let operand = Operand::inside(section.object().identity, view, offset, form, lives)?;
        show_life(form.kind(), lives);
        Ok(Handle::within(section, operand, Access::SYNC_ALL))
    }

    fn me(&self, section: &Handle) -> Result<Token> {
        world(section)?.join_for_process().map(Id::word)
    }

    fn watch(&self, section: &Handle, peer: Token) -> Result<Option<Handle>> {
        let (lives, thread) = (world(section)?, Id::in_word(peer));
        let tells = !lives.is_ours(thread) && lives.watch.tells(lives, thread, now(ClockId::Monotonic));
        Ok(tells.then(|| Handle::within(section, Operand::watch(lives, thread), Access::SYNCHRONIZE)))
    }

    fn is_alive(&self, section: &Handle, peer: Token) -> bool {
        let thread = Id::in_word(peer);
        thread != Id::NOBODY && world(section).is_ok_and(|lives| watch::process_runs(lives, thread) != Some(false))
    }
}

/// Where the lives of those who use the section are.
fn world(section: &Handle) -> Result<&'static Lives> {
    if section.kind() != Kind::Mapping {
        return Err(Error::new(ErrorKind::InvalidHandle).detail("only a mapping has ends"));
    }
    let holder = section.object().holder.as_ref();
    holder.map(|holder| holder.spot().lives).ok_or_else(|| {
        Error::new(ErrorKind::Unsupported).detail("a mapping without a name has no ends").cure("give it a name")
    })
}
