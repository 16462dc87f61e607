//! The Linux engine.
/// The Linux kernel of the contract.
pub struct Linux;
