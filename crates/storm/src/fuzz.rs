//! Hostile records in the place of objects: random ones, spoilt ones, of any size. Whatever lies there, every call
//! ends with an answer, and a file that is no dead object of ours stays as it is, to the byte.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use lasthandle::record::{Description, RECORD_BYTES, Record};
use lasthandle::{Access, Mapping, ViewAccess};

use crate::noise::Noise;
use crate::parent::Child;
use crate::record::{file, over, page, plain};
use crate::root::Root;
use crate::system;

const NAME: &str = "fuzz";

/// Runs that many rounds in this process, under its `LASTHANDLE_ROOT`. Tells how many files were taken for objects.
///
/// # Errors
/// What went wrong in which round.
pub fn rounds(rounds: u64, seed: u64) -> Result<String, String> {
    let root = PathBuf::from(std::env::var_os("LASTHANDLE_ROOT").unwrap_or_default());
    // The directory is there once something was created in it.
    drop(Mapping::create("warm-up", 1).map_err(|error| error.to_string())?);
    let directory = root.join(format!("lasthandle-{}", rustix::process::geteuid().as_raw()));
    let target = root.join("target");
    fs::write(&target, vec![7; 3 * page()]).map_err(|error| error.to_string())?;
    let mut noise = Noise::new(seed);
    let (mut valid, mut met) = (0, 0);
    for round in 0..rounds {
        let bytes = hostile(&mut noise, &target);
        let (was_valid, opened) = one(&directory.join(NAME), &bytes, noise.once_in(2), &mut noise)
            .map_err(|what| format!("seed {seed}, round {round}: {what}"))?;
        valid += u64::from(was_valid);
        met += u64::from(opened);
    }
    Ok(format!("{valid} valid, {met} opened"))
}

/// A file that may look like an object.
fn hostile(noise: &mut Noise, target: &Path) -> Vec<u8> {
    let size = 1 + noise.below(3 * page() as u64);
    let description = match noise.below(6) {
        0 => over(NAME, target, 100),
        1 => Description { reserved: true, ..plain(NAME, size) },
        2 => plain("somebody-else", size),
        3 => Description { name: None, ..plain(NAME, size) },
        _ => plain(NAME, size),
    };
    let mut bytes = file(&description, target.as_os_str().as_encoded_bytes());
    let record = bytes.len() - page();
    match noise.below(8) {
        0 => {}
        1 => bytes.truncate(usize::try_from(noise.below(bytes.len() as u64)).expect("small")),
        2 => bytes.resize(bytes.len() + usize::try_from(noise.below(3 * page() as u64)).expect("small"), 0),
        3 => bytes[record..].iter_mut().for_each(|byte| *byte = noise.next().to_le_bytes()[0]),
        4 => bytes[record..].fill(0),
        _ => {
            for _ in 0..=noise.below(4) {
                let end = interesting(noise);
                let at = record + usize::try_from(noise.below(end)).expect("small");
                bytes[at] ^= noise.next().to_le_bytes()[0];
            }
        }
    }
    bytes
}

/// Most fields lie at the beginning.
fn interesting(noise: &mut Noise) -> u64 {
    if noise.once_in(4) { RECORD_BYTES as u64 } else { 240 }
}

/// Puts the bytes in the object's place, does everything that can be done with a name, and looks what is there then.
fn one(path: &Path, bytes: &[u8], alive: bool, noise: &mut Noise) -> Result<(bool, bool), String> {
    let _ = fs::remove_file(path);
    fs::write(path, bytes).map_err(|error| error.to_string())?;
    let keeper = File::options().read(true).write(true).open(path).map_err(|error| error.to_string())?;
    if alive && !system::lock_one(&keeper) {
        return Err("nobody can have it locked".into());
    }
    let valid = is_valid(bytes);
    look(noise);
    let mut opened = false;
    for how in 0..3 {
        opened |= use_it(how, noise)?;
        let now = fs::read(path).unwrap_or_default();
        let is_dead_object = valid && !alive;
        // A living one may have been written to: by those who opened it, and only its data.
        if !is_dead_object && now != bytes && !(valid && now.len() == bytes.len()) {
            return Err("a file that is no dead object was changed or removed".into());
        }
    }
    let _ = lasthandle::collect_leftovers(false);
    let gone = !path.exists();
    match (valid && !alive, gone) {
        (true, false) => Err("a dead object was not collected".into()),
        (false, true) => Err("a file that is no dead object was collected".into()),
        _ => Ok((valid, opened)),
    }
}

/// Calls that only look.
fn look(noise: &mut Noise) {
    for entry in lasthandle::list().into_iter().flatten() {
        let _ = (entry.label, entry.info);
    }
    let _ = lasthandle::inspect(NAME);
    let _ = lasthandle::collect_leftovers(true);
    if noise.once_in(16) {
        let _ = lasthandle::holders(NAME);
    }
}

/// Creates or opens, and if that gives a handle, maps and touches it all. Whether it was an object that existed.
fn use_it(how: u64, noise: &mut Noise) -> Result<bool, String> {
    let mapping = match how {
        0 => Mapping::options().access(Access::READ).open(NAME),
        1 => Mapping::create_new(NAME, 10),
        _ => Mapping::create(NAME, 10),
    };
    let Ok(mapping) = mapping else { return Ok(false) };
    let existed = mapping.opened_existing();
    if !existed && mapping.size() != 10 {
        return Err(format!("created with {} bytes", mapping.size()));
    }
    let access = *noise.pick(&ViewAccess::ALL);
    // Sizes beyond memory are of reserved sections, whose files are sparse: their ends can be touched.
    if let Ok(view) = mapping.view_options().access(access).map() {
        for at in [0, view.len() / 2, view.len() - 1] {
            view.read_at(at, &mut [0]).map_err(|error| error.to_string())?;
        }
    }
    Ok(existed)
}

/// Whether the bytes are a record of this build at the end of a file that fits it.
fn is_valid(bytes: &[u8]) -> bool {
    let Some(at) = bytes.len().checked_sub(page()) else { return false };
    let record: &[u8; RECORD_BYTES] = bytes[at..at + RECORD_BYTES].try_into().expect("as long");
    bytes.len() % page() == 0 && Record::parse(record, bytes.len() as u64, page()).is_ok()
}

/// `storm --fuzz ROUNDS [SEED]`
pub fn command(count: &str, rest: &[&str]) -> ExitCode {
    let (Ok(count), Ok(seed)) = (count.parse::<u64>(), rest.first().map_or(Ok(1), |seed| seed.parse::<u64>())) else {
        eprintln!("storm: --fuzz ROUNDS [SEED]");
        return ExitCode::from(2);
    };
    let root = Root::new();
    let mut child = Child::new(&root);
    let mut done = 0;
    while done < count {
        let part = (count - done).min(1000);
        match child.ask(&format!("fuzz {part} {}", seed.wrapping_add(done))) {
            Ok(text) => println!("{done} + {part}: {text}"),
            Err(refusal) => {
                eprintln!("storm: {}", refusal.text);
                return ExitCode::FAILURE;
            }
        }
        done += part;
    }
    ExitCode::SUCCESS
}
