//! Aeron: an IPC stream each way, with the C media driver in this process. Who waits looks all the time, as in Aeron's own
//! ping and pong. A message takes one fragment, and is offered and polled by itself.
//!
//! The driver gives a publication its room. There is no processor left for a thread of its own: so it is driven by this
//! end, when that has nothing to do (Aeron calls this an invoker). The room between is Aeron's own choice, which makes its
//! queue longer than everybody's.

use std::ffi::CStr;
use std::hint::spin_loop;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rusteron::{
    AeronContext, AeronDriver, AeronDriverContext, AeronExclusivePublication, AeronImage, AeronSubscription,
};
use rusteron_media_driver as rusteron;

use super::{Courier, Place};
use crate::Result;

const CHANNEL: &CStr = c"aeron:ipc";
const STREAMS: [i32; 2] = [1001, 1002];
/// Of a frame.
const HEADER: usize = 32;
/// Three of these are a stream, and half of one may be on its way. (64 MiB if nobody says otherwise.)
const TERM: usize = 16 << 20;
/// At least; a message that is longer would be taken apart.
const MTU: usize = 2048;
/// Between two looks of the driver while the ends find each other.
const NAP: Duration = Duration::from_millis(1);
/// Looks in vain from one time that the driver is driven to the next.
const LOOKS: u32 = 1024;
const PATIENCE: Duration = Duration::from_secs(5);

/// A media driver: in a thread of its own until both ends are there, then driven by whoever made it.
enum Driver {
    Running { stop: Arc<AtomicBool>, thread: JoinHandle<Option<AeronDriver>> },
    Here(Box<AeronDriver>),
}

impl Driver {
    fn start(place: &Place) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (place, stopped) = (place.clone(), stop.clone());
        let thread = thread::spawn(move || {
            let run = || -> Result<AeronDriver> {
                let driver = driver(&place)?;
                while !stopped.load(Ordering::Acquire) {
                    driver.main_do_work()?;
                    thread::sleep(NAP);
                }
                Ok(driver)
            };
            run().inspect_err(|why| eprintln!("  Aeron's driver: {why}")).ok()
        });
        Self::Running { stop, thread }
    }

    fn here(self) -> Result<Self> {
        let Self::Running { stop, thread } = self else { return Ok(self) };
        stop.store(true, Ordering::Release);
        let driver = thread.join().ok().flatten().ok_or("Aeron's driver failed")?;
        Ok(Self::Here(Box::new(driver)))
    }
}

fn driver(place: &Place) -> Result<AeronDriver> {
    let frame = (place.bytes + HEADER).next_multiple_of(HEADER);
    let context = AeronDriverContext::new()?;
    context.set_dir(&directory(place)?)?;
    context.set_dir_delete_on_start(true)?;
    context.set_dir_delete_on_shutdown(true)?;
    context.set_threading_mode(rusteron::bindings::aeron_threading_mode_t::AERON_THREADING_MODE_INVOKER)?;
    context.set_term_buffer_sparse_file(false)?;
    context.set_ipc_term_buffer_length(TERM)?;
    context.set_ipc_mtu_length(frame.max(MTU))?;
    let driver = AeronDriver::new(&context)?;
    driver.start(true)?;
    Ok(driver)
}

fn path(place: &Place) -> PathBuf {
    place.path("aeron")
}

fn directory(place: &Place) -> Result<std::ffi::CString> {
    Ok(std::ffi::CString::new(path(place).as_os_str().as_bytes())?)
}

fn until<T>(or: &str, mut look: impl FnMut() -> Option<T>) -> Result<T> {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if let Some(found) = look() {
            return Ok(found);
        }
        thread::sleep(Duration::from_millis(1));
    }
    Err(or.into())
}

/// Dropped in this order: what a client has, the client, the driver.
pub struct Aeron {
    image: Option<AeronImage>,
    publication: AeronExclusivePublication,
    subscription: AeronSubscription,
    _client: rusteron::Aeron,
    driver: Option<Driver>,
    /// Since the driver was driven last.
    looks: u32,
}

impl Aeron {
    fn open(place: &Place, [there, back]: [i32; 2], driver: Option<Driver>) -> Result<Self> {
        let context = AeronContext::new()?;
        context.set_dir(&directory(place)?)?;
        context.set_pre_touch_mapped_memory(true)?;
        let client = rusteron::Aeron::new(&context)?;
        client.start()?;
        let publication = client.async_add_exclusive_publication(CHANNEL, there)?;
        let publication = until("Aeron: no publication", || publication.poll().transpose())??;
        let (none, neither) = (rusteron::Handlers::NONE, rusteron::Handlers::NONE);
        let subscription = client.async_add_subscription(CHANNEL, back, none, neither)?;
        let subscription = until("Aeron: no subscription", || subscription.poll().transpose())??;
        Ok(Self { image: None, publication, subscription, _client: client, driver, looks: 0 })
    }

    fn find_image(&mut self) -> Result<()> {
        until("Aeron: nobody receives", || self.publication.is_connected().then_some(()))?;
        self.image = Some(until("Aeron: nobody sends", || self.subscription.image_at_index(0))?);
        Ok(())
    }

    fn drive(&self) {
        if let Some(Driver::Here(driver)) = &self.driver {
            driver.main_do_work().expect("Aeron's driver");
        }
    }
}

impl Courier for Aeron {
    const LABEL: &'static str = "Aeron";

    fn create(place: &Place) -> Result<Self> {
        Self::open(place, STREAMS, Some(Driver::start(place)))
    }

    fn attach(place: &Place) -> Result<Self> {
        let mut end = Self::open(place, [STREAMS[1], STREAMS[0]], None)?;
        end.find_image()?;
        Ok(end)
    }

    fn complete(&mut self) -> Result<()> {
        self.find_image()?;
        self.driver = self.driver.take().map(Driver::here).transpose()?;
        Ok(())
    }

    /// Its room is what the driver lets it have.
    #[inline]
    fn send(&mut self, message: &[u8]) {
        while let Err(why) = self.publication.offer(message) {
            assert!(why.is_retryable(), "offer: {why}");
            self.drive();
            spin_loop();
        }
    }

    #[inline]
    fn receive(&mut self, into: &mut [u8]) {
        let image = self.image.as_ref().expect("both ends are there");
        while image.poll_fn(|message, _| into.copy_from_slice(message), 1).expect("poll") == 0 {
            self.looks = self.looks.wrapping_add(1);
            if self.looks.is_multiple_of(LOOKS) {
                self.drive();
            }
            spin_loop();
        }
    }
}
