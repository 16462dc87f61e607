//! The system calls of the engine's protocols, as the engine itself counts them: what `figures/steps.rs` must repeat.

use lasthandle::Mapping;
use lasthandle::sys::linux::fault;

use crate::Result;
use crate::figures::SIZE;

pub fn print() -> Result<()> {
    // The first create and close look at more than the later ones do.
    Mapping::create_new("bench", SIZE as u64)?.view()?;
    let living = Mapping::create_new("bench-living", SIZE as u64)?;
    report("create, map, touch, unmap, close", || {
        Mapping::create_new("bench", SIZE as u64)?.view()?.write_at(0, &[1])?;
        Ok(())
    })?;
    report("open, map, touch, unmap, close", || {
        Mapping::open("bench-living")?.view()?.write_at(0, &[1])?;
        Ok(())
    })?;
    drop(living);
    Ok(())
}

fn report(operation: &str, run: impl FnOnce() -> Result<()>) -> Result<()> {
    fault::arm(None);
    run()?;
    let calls = fault::sites();
    println!("{operation}: {} calls\n  {}\n", calls.len(), calls.join(" "));
    Ok(())
}
