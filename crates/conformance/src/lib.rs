//! One suite over the contract.
