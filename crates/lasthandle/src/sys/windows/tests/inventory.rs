//! What exists and who holds it, asked of the real kernel.

use super::*;
use crate::sys::{Entry, Inventory};

fn listed(name: &Name) -> Vec<Entry> {
    Windows.list().unwrap().into_iter().filter(|entry| entry.name.as_ref() == Some(name)).collect()
}

#[test]
fn the_list_has_our_object_with_its_kind_size_and_handles() {
    let name = name("listed");
    let handle = create(&name);
    let _second = Windows.duplicate(&handle, None, false).unwrap();
    let [entry] = &listed(&name)[..] else { panic!("listed once") };
    let info = entry.info.as_ref().unwrap();
    assert_eq!((info.kind, info.size, info.reserved), (Kind::Mapping, 8192, false));
    assert_eq!((entry.holders, entry.label.as_str()), (Some(2), name.to_string().as_str()));
    let entry = Windows.inspect(&name).unwrap();
    assert_eq!((entry.holders, entry.info.unwrap().size), (Some(2), 8192));
}

#[test]
fn the_global_part_is_listed_too() {
    let global = Name::new(&name("listed").to_string().replace("Local", "Global")).unwrap();
    let _handle = create(&global);
    assert_eq!(listed(&global).len(), 1);
}

#[test]
fn what_is_gone_is_not_found() {
    let name = name("gone");
    drop(create(&name));
    assert!(listed(&name).is_empty());
    assert_fails(Windows.inspect(&name), ErrorKind::NotFound, 2);
    assert_fails(Windows.holders(&name), ErrorKind::NotFound, 2);
    assert!(Windows.collect(false).unwrap().is_empty());
}

#[test]
fn we_are_among_the_holders_once() {
    let name = name("held");
    let handle = create(&name);
    let _second = Windows.duplicate(&handle, Some(Access::QUERY), false).unwrap();
    let holders = Windows.holders(&name).unwrap();
    let [holder] = &holders[..] else { panic!("one process holds it: {holders:?}") };
    assert_eq!(holder.pid, std::process::id());
    assert!(holder.handle && holder.memory);
    assert!(holder.command.contains("lasthandle"), "{holder:?}");
}

#[test]
fn a_handle_that_maps_nothing_keeps_the_name_and_not_the_memory() {
    let name = name("query held");
    let query = Windows.duplicate(&create(&name), Some(Access::QUERY), false).unwrap();
    let holders = Windows.holders(&name).unwrap();
    assert!(holders.iter().all(|holder| holder.handle && !holder.memory), "{holders:?}");
    assert_eq!(holders.len(), 1);
    drop(query);
}
