//! Windows.
/// The Windows kernel of the contract.
pub struct Windows;
