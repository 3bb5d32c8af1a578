//! Folders: what is read of them, and that nothing in them is lost.

use hearsight::network::DIMENSIONS;
use hearsight::search::Index;

use super::{Folder, assert_says, gallery, hearsight, origins, picture};

#[test]
fn originals_are_never_replaced() {
    let folder = Folder::with(&["images/holiday.jpg"]);
    let before = folder.files();
    for force in [&[][..], &["--force"]] {
        let sentence = gallery(&folder.at("images"), &folder.at(""), force).refused();
        assert_says(&sentence, &["images/holiday.jpg", "made from", "--out"]);
        assert_eq!(folder.files(), before);
    }
    // The same through a link.
    #[cfg(unix)]
    {
        let other = Folder::with(&[]);
        std::os::unix::fs::symlink(folder.path().join("images"), other.path().join("images")).unwrap();
        gallery(&folder.at("images"), &other.at(""), &["--force"]).refused();
        assert_eq!(folder.files(), before);
    }
    // A folder that is a gallery's material is not its gallery.
    let data = Folder::with(&["images/a.webp"]);
    data.put("gallery.tsv", b"id\ttitle\talt\tauthor\tlicence\tsource\tgroup\na\tA\tA.\tb\tCC0\tc\td\n");
    let before = data.files();
    hearsight(&["gallery", "--data", &data.at(""), "--out", &data.at(""), "--force"]).refused();
    assert_eq!(data.files(), before);
}

#[test]
fn what_lies_there_is_kept_unless_told() {
    let (from, out) =
        (Folder::with(&["cat.jpg"]), Folder::with(&["images/cat.jpg", "notes.txt", "images/other.jpg"]));
    let before = out.files();
    assert_says(
        &gallery(&from.at(""), &out.at(""), &[]).refused(),
        &["images/cat.jpg is there already", "--force"],
    );
    assert_eq!(out.files(), before);
    gallery(&from.at(""), &out.at(""), &["--force"]).well();
    assert_ne!(out.read("images/cat.jpg"), picture("judo-match"));
    // What is none of the gallery's stays, also when the next gallery has other pictures.
    from.put("dog.jpg", &picture("steam-train"));
    std::fs::remove_file(from.path().join("cat.jpg")).unwrap();
    gallery(&from.at(""), &out.at(""), &[]).well();
    let names: Vec<String> = out.files().into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "gallery.json",
            "images/dog.jpg",
            "images/other.jpg",
            "images/small/dog.jpg",
            "index.safetensors",
            "notes.txt"
        ]
    );
    // A file of somebody else's that is called as a list.
    let foreign = Folder::with(&[]);
    foreign.put("gallery.json", b"{}");
    assert_says(&gallery(&from.at(""), &foreign.at(""), &[]).refused(), &["gallery.json is there already"]);
}

#[test]
fn a_run_that_stops_leaves_the_old_gallery_whole() {
    let (from, out) = (Folder::with(&["cat.jpg"]), Folder::with(&[]));
    gallery(&from.at(""), &out.at("wall"), &[]).well();
    let before = out.files();
    let wall_before = wall(&out);
    from.put("cat.jpg", &picture("steam-train"));
    from.put("pairs.tsv", b"image\taudio\ncat.jpg\tgone.ogg\n");
    let sentence = gallery(&from.at(""), &out.at("wall"), &["--captions", &from.at("pairs.tsv")]).refused();
    assert_says(&sentence, &["gone.ogg"]);
    assert_eq!(wall(&out), wall_before);
    // Stopped by force, and what it left is cleared away by the next.
    out.put(".wall.unfinished/images/cat.jpg", b"half");
    gallery(&from.at(""), &out.at("wall"), &[]).well();
    assert!(!out.path().join(".wall.unfinished").exists());
    assert_ne!(out.files(), before);
    // A folder that was not there before is not there after a failure.
    from.put("cat.jpg", b"no picture");
    gallery(&from.at(""), &out.at("new/wall"), &[]).refused();
    assert!(!out.path().join("new/wall").exists());
}

/// The files of the gallery `wall`, and none beside it.
fn wall(folder: &Folder) -> Vec<(String, Vec<u8>)> {
    folder.files().into_iter().filter(|(name, _)| name.starts_with("wall/")).collect()
}

#[test]
fn only_what_is_new_is_made() {
    let (from, out) = (Folder::with(&["a/cat.jpg", "b/cat.jpg"]), Folder::with(&[]));
    let again = || gallery(&from.at(""), &out.at("wall"), &[]).well().out;
    assert!(!again().contains("taken over"));
    from.put("dog.jpg", &picture("steam-train"));
    // Before the others by its path, so that their names move on.
    from.put("a/a-cat.jpg", &picture("scuba-diver"));
    std::fs::rename(from.path().join("b"), from.path().join("0")).unwrap();
    assert_says(&again(), &["as they were: 1, new: 3"]);
    assert_says(&again(), &["as they were: 4, new: 0"]);
    let fresh = Folder::with(&[]);
    gallery(&from.at(""), &fresh.at("wall"), &[]).well();
    let [made, anew] = [&out, &fresh].map(|folder| {
        let index = Index::read(&folder.read("wall/index.safetensors"), DIMENSIONS).unwrap();
        let vectors: Vec<f32> = index.vectors().flatten().copied().collect();
        // The header of the index has its entries in any order.
        let files = wall(folder).into_iter().filter(|(name, _)| !name.contains("index"));
        (index.ids().to_vec(), vectors, files.collect::<Vec<_>>())
    });
    assert!(made == anew);
    // What changed, and what is no longer there.
    from.put("dog.jpg", &picture("mime-artists"));
    std::fs::remove_file(out.path().join("wall/images/small/a-cat.jpg")).unwrap();
    assert_says(&again(), &["as they were: 2, new: 2"]);
    std::fs::remove_file(from.path().join("dog.jpg")).unwrap();
    assert_says(&again(), &["as they were: 3, new: 0"]);
    assert_eq!(origins(&out.path().join("wall")), ["0/cat.jpg", "a/a-cat.jpg", "a/cat.jpg"]);
}

#[test]
fn a_run_that_was_stopped_is_gone_on_with() {
    let (from, out) =
        (Folder::with(&["cat.jpg", "dog.jpg"]), Folder::with(&["wall/gallery.json/in-the-way.txt"]));
    let run = || gallery(&from.at(""), &out.at("wall"), &["--force"]);
    assert!(!run().succeeded);
    std::fs::remove_dir_all(out.path().join("wall")).unwrap();
    // The end of what it wrote may be half a line.
    let list = out.path().join(".wall.unfinished/made.jsonl");
    let text = std::fs::read_to_string(&list).unwrap();
    std::fs::write(&list, &text[..text.len() - 40]).unwrap();
    assert_says(&run().well().out, &["as they were: 1, new: 1", "2 pictures"]);
    assert!(!out.path().join(".wall.unfinished").exists());
}

#[test]
fn tables_and_networks_are_not_replaced_either() {
    let folder = Folder::with(&[]);
    let row = format!(
        "image\taudio\n{}\t{}\n",
        super::ROOT.to_owned() + "/www/gallery/images/judo-match.webp",
        super::clip("steam-train")
    );
    folder.put("pairs.tsv", row.as_bytes());
    let before = folder.files();
    let table = folder.at("pairs.tsv");
    for command in
        [&["corpus", "--corpus", &table, "--out", &table][..], &["teach", "--pairs", &table, "--out", &table]]
    {
        assert_says(&hearsight(command).refused(), &["pairs.tsv is there already", "--force"]);
    }
    assert_eq!(folder.files(), before);
    hearsight(&["corpus", "--corpus", &table, "--out", &table, "--force"]).well();
    assert_ne!(folder.files(), before);
}

#[test]
fn a_gallery_inside_its_folder_is_none_of_the_pictures() {
    let folder = Folder::with(&["cat.jpg"]);
    for out in ["wall", "wall", "", "", "wall"] {
        gallery(&folder.at(""), &folder.at(out), &[]).well();
        assert_eq!(origins(&folder.path().join(out)), ["cat.jpg"], "{out:?}");
    }
    // Another gallery is made of copies, and is named.
    let done = gallery(&folder.at(""), &folder.at("second"), &[]).well();
    assert_says(&done.said, &["wall: this folder is a gallery"]);
}

#[cfg(unix)]
#[test]
fn links_and_pipes_are_passed() {
    use std::os::unix::fs::symlink;
    let folder = Folder::with(&["one/cat.jpg", "dogs/dog.jpg"]);
    // Many folders of which each has a link to each: as many ways as there are orders of them.
    for number in 0..12 {
        std::fs::create_dir(folder.path().join(format!("one/{number}"))).unwrap();
        for other in (0..12).filter(|other| *other != number) {
            symlink(format!("../{other}"), folder.path().join(format!("one/{number}/to{other}"))).unwrap();
        }
    }
    folder.put("one/7/7.jpg", &picture("judo-match"));
    for (to, name) in [
        (".", "one/again"),
        ("..", "one/back"),
        ("../dogs", "one/dogs"),
        ("cat.jpg", "one/same.jpg"),
        ("gone.jpg", "one/gone.jpg"),
    ] {
        symlink(to, folder.path().join(name)).unwrap();
    }
    let pipe = std::process::Command::new("mkfifo").arg(folder.at("one/pipe.jpg")).status().unwrap();
    assert!(pipe.success());
    let done = gallery(&folder.at("one"), &folder.at("out"), &[]).well();
    let found = origins(&folder.path().join("out"));
    assert_eq!(found, ["7/7.jpg", "cat.jpg", "dogs/dog.jpg"]);
    assert_says(&done.said, &["pipe.jpg: this is a pipe", "gone.jpg"]);
}

#[test]
fn what_systems_keep_is_passed_over_in_silence() {
    let folder = Folder::with(&[
        "cat.jpg",
        ".thumbnails/1.jpg",
        ".git/2.png",
        ".Trash-1000/files/3.jpg",
        "@eaDir/cat.jpg/4.jpg",
        "#recycle/5.jpg",
        "$RECYCLE.BIN/6.jpg",
        "__MACOSX/._cat.jpg",
        "._cat.jpg",
        ".hidden.jpg",
    ]);
    let done = gallery(&folder.at(""), &folder.at("out"), &[]).well();
    assert_eq!(origins(&folder.path().join("out")), ["cat.jpg"]);
    assert!(!done.said.contains("left out"), "{}", done.said);
}

#[test]
fn what_cannot_be_read_is_named() {
    let folder = Folder::with(&["cat.jpg", "b.jfif", "c.jpe", "d.JPG", "without", "notes.txt"]);
    let unread = [
        ("IMG_1.HEIC", &b"\0\0\0\x18ftypheic"[..]),
        ("shot.avif", b"x"),
        ("scan.tif", b"II*\0"),
        ("raw.dng", b"x"),
        ("logo.svg", b"<svg/>"),
    ];
    for (name, bytes) in unread {
        folder.put(&format!("in/{name}"), bytes);
    }
    folder.put("renamed.jpg", b"\0\0\0\x18ftypheic\0\0\0\0");
    // Of which nothing can be used is not said to be cut.
    folder.put("beginning.jpg", b"\xff\xd8\xff");
    let done = gallery(&folder.at(""), &folder.at("out"), &[]).well();
    assert_eq!(origins(&folder.path().join("out")), ["b.jfif", "c.jpe", "cat.jpg", "d.JPG", "without"]);
    for (name, _) in unread {
        assert!(done.said.contains(&format!("{name}: ")), "{}", done.said);
    }
    assert_says(
        &done.said,
        &["HEIC pictures cannot be read here. Save it as JPEG.", "renamed.jpg: This is a HEIC picture"],
    );
    let said: Vec<_> = done.said.lines().filter(|line| line.contains("beginning.jpg")).collect();
    assert!(
        matches!(&said[..], [line] if line.starts_with("left out: ") && line.ends_with("gif or bmp file.")),
        "{said:?}"
    );
    let done = gallery(&folder.at("in"), &folder.at("none"), &[]);
    assert_says(&done.said, &["IMG_1.HEIC"]);
    assert_says(&done.refused(), &["no picture that can be read"]);
}

#[cfg(unix)]
#[test]
fn a_locked_folder_costs_only_itself() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::with(&["cat.jpg", "locked/dog.jpg"]);
    let lock = |mode| {
        std::fs::set_permissions(folder.path().join("locked"), std::fs::Permissions::from_mode(mode)).unwrap()
    };
    lock(0);
    // Nothing is locked for root.
    let is_root = std::fs::read_dir(folder.path().join("locked")).is_ok();
    let done = gallery(&folder.at(""), &folder.at("out"), &[]);
    lock(0o755);
    let done = done.well();
    if !is_root {
        assert_eq!(origins(&folder.path().join("out")), ["cat.jpg"]);
        assert_says(&done.said, &["locked: "]);
    }
}

#[test]
fn the_longest_name_is_taken() {
    let name = format!("{}.jpg", "n".repeat(251));
    let folder = Folder::with(&[&name, "a/b/c.jpg"]);
    gallery(&folder.at(""), &folder.at("out"), &[]).well();
    assert_eq!(origins(&folder.path().join("out")), ["a/b/c.jpg", &name]);
}
