//! Rings over memory of this process: the bytes that they leave, and what they make of any bytes. Nothing here needs a
//! system, so Miri runs it.

mod golden;
mod plain;
mod rings;
mod values;
