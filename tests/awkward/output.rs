//! What is printed, and to whom.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use super::{ROOT, assert_says, clip, command, hearsight};

#[test]
fn a_reader_who_leaves_is_no_failure() {
    let clip = clip("steam-train");
    let gallery = format!("{ROOT}/www/gallery");
    for more in [&["--top", "328"][..], &["--json"]] {
        let search = [&["search", "--gallery", &gallery, "--audio", &clip][..], more].concat();
        let mut running = command(&search).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // Gone before the first line.
        drop(running.stdout.take());
        let output = running.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{said}");
    }
    let mut running =
        command(&["search", "--gallery", &gallery, "--audio", &clip]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(running.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(running.wait().unwrap().success());
    assert!(line.contains("steam-train"), "{line}");
}

#[cfg(unix)]
#[test]
fn a_reader_of_the_sentences_may_leave_too() {
    let mut running = command(&["search", "--gallery", "nowhere", "--audio", "nowhere"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(running.stderr.take());
    assert_eq!(running.wait().unwrap().code(), Some(1));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let gallery = format!("{ROOT}/www/gallery");
    let output = command(&["search", "--gallery", &gallery, "--audio", &clip("steam-train")])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_says(&String::from_utf8_lossy(&output.stderr), &["could not be written"]);
}

#[test]
fn what_is_said_beside_does_not_spoil_json() {
    let folder = super::Folder::with(&[]);
    let cut = std::fs::read(clip("steam-train")).unwrap();
    folder.put("cut.ogg", &cut[..cut.len() * 9 / 10]);
    let gallery = format!("{ROOT}/www/gallery");
    let done = hearsight(&[
        "search",
        "--gallery",
        &gallery,
        "--audio",
        &folder.at("cut.ogg"),
        "--json",
        "--top",
        "3",
    ])
    .well();
    assert_eq!(done.json()[0]["id"], "steam-train");
    assert_says(&done.said, &["cut.ogg: the file is cut off"]);
}
