//! The process that answers. It ends when the other one does.

use std::sync::atomic::Ordering;

use lasthandle::channel::{Duplex, Sender};
use lasthandle::{ErrorKind, Name, Timeout, Waitable};

use super::{Item, Line, MEBIBYTE, PATIENCE};

pub(super) fn run(name: &Name, cpu: Option<usize>) -> anyhow::Result<()> {
    if let Some(cpu) = cpu {
        super::pin(cpu);
    }
    for item in Item::ALL {
        serve(item, name)?;
    }
    Ok(())
}

fn serve(item: Item, base: &Name) -> anyhow::Result<()> {
    let name = item.name(base);
    match item {
        Item::Line => line(base),
        Item::Spinning => {
            let mut duplex: Duplex<u64> = item.options().duplex(name)?;
            Ok(duplex.serve(Some)?)
        }
        Item::Asleep => {
            let mut duplex: Duplex<u64> = item.options().duplex(name)?;
            until_left(|| {
                duplex.receiver.readable().wait(Timeout::Never)?;
                let Some(number) = duplex.receiver.try_recv()? else { return Ok(()) };
                duplex.sender.send(&number)
            })
        }
        Item::Small => {
            let mut sender: Sender<[u64; 8]> = item.options().sender(name)?;
            until_left(|| sender.send(&[7; 8]))
        }
        Item::Large => {
            let (mut sender, message): (Sender, _) = (item.options().sender(name)?, vec![7; MEBIBYTE]);
            until_left(|| sender.send(&message))
        }
        Item::InPlace => {
            let mut duplex: Duplex = item.options().duplex(name)?;
            until_left(|| {
                drop(duplex.receiver.recv_ref()?);
                send_in_place(&mut duplex)
            })
        }
    }
}

fn line(base: &Name) -> anyhow::Result<()> {
    let line = Line::new(base)?;
    let (word, mut answer) = (line.word()?, 0);
    loop {
        match Line::next(word, answer)? {
            Line::END => return Ok(()),
            question => {
                answer = question + 1;
                word.store(answer, Ordering::Release);
            }
        }
    }
}

/// A message that is written where it lies: here only its first word, for the rest is the program's own work.
pub(super) fn send_in_place(duplex: &mut Duplex) -> lasthandle::Result<()> {
    if let Some(mut slot) = duplex.sender.reserve_timeout(MEBIBYTE, PATIENCE)? {
        slot.write_at(0, &7_u64.to_le_bytes())?;
        slot.commit(MEBIBYTE)?;
    }
    Ok(())
}

fn until_left(mut serve: impl FnMut() -> lasthandle::Result<()>) -> anyhow::Result<()> {
    loop {
        match serve() {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::Disconnected => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}
