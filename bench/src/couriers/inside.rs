//! For orientation: queues between two threads of one process, which need no names, no shared memory, and look at no
//! stranger's words.

use std::hint::spin_loop;

use crossbeam_channel as crossbeam;

/// A queue whose ends go to two threads. Both of these look all the time when they have nothing to do.
pub trait Inside<const BYTES: usize> {
    const LABEL: &'static str;
    type Sender: Send;
    type Receiver: Send;
    fn pair(slots: usize) -> (Self::Sender, Self::Receiver);
    fn send(sender: &mut Self::Sender, message: [u8; BYTES]);
    fn receive(receiver: &mut Self::Receiver) -> [u8; BYTES];
}

pub struct Crossbeam;

impl<const BYTES: usize> Inside<BYTES> for Crossbeam {
    const LABEL: &'static str = "crossbeam-channel, in one process";
    type Sender = crossbeam::Sender<[u8; BYTES]>;
    type Receiver = crossbeam::Receiver<[u8; BYTES]>;

    fn pair(slots: usize) -> (Self::Sender, Self::Receiver) {
        crossbeam::bounded(slots)
    }

    fn send(sender: &mut Self::Sender, message: [u8; BYTES]) {
        while sender.try_send(message).is_err() {
            spin_loop();
        }
    }

    fn receive(receiver: &mut Self::Receiver) -> [u8; BYTES] {
        loop {
            if let Ok(message) = receiver.try_recv() {
                return message;
            }
            spin_loop();
        }
    }
}

pub struct Rtrb;

impl<const BYTES: usize> Inside<BYTES> for Rtrb {
    const LABEL: &'static str = "rtrb, in one process";
    type Sender = rtrb::Producer<[u8; BYTES]>;
    type Receiver = rtrb::Consumer<[u8; BYTES]>;

    fn pair(slots: usize) -> (Self::Sender, Self::Receiver) {
        rtrb::RingBuffer::new(slots)
    }

    fn send(sender: &mut Self::Sender, message: [u8; BYTES]) {
        while sender.push(message).is_err() {
            spin_loop();
        }
    }

    fn receive(receiver: &mut Self::Receiver) -> [u8; BYTES] {
        loop {
            if let Ok(message) = receiver.pop() {
                return message;
            }
            spin_loop();
        }
    }
}
