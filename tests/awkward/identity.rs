//! Names are for people; two things of one name stay two.

use super::{Folder, assert_says, clip, gallery, hearsight, picture};

/// A table beside the pictures, of (picture, clip) rows; clips are copied to where the rows say.
fn table(folder: &Folder, rows: &[(&str, &str, &str)]) -> String {
    let mut table = "image\taudio\ttext\n".to_owned();
    for (image, audio, said) in rows {
        folder.put(audio, &std::fs::read(clip(said)).unwrap());
        table += &format!("{image}\t{audio}\t{said}\n");
    }
    folder.put("pairs.tsv", table.as_bytes());
    folder.at("pairs.tsv")
}

#[test]
fn two_clips_of_one_file_name_are_two() {
    let folder = Folder::with(&["pics/dog.jpg"]);
    let rows = [
        ("pics/dog.jpg", "a/1.ogg", "bee-on-dandelion"),
        ("pics/dog.jpg", "b/1.ogg", "steam-train"),
        ("pics/dog.jpg", "b/1.OGG", "scuba-diver"),
    ];
    let table = table(&folder, &rows);
    let out = folder.at("out");
    gallery(&folder.at("pics"), &out, &["--captions", &table]).well();
    let list: serde_json::Value = serde_json::from_slice(&folder.read("out/captions.json")).unwrap();
    let captions = list["captions"].as_array().unwrap();
    let ids: Vec<&str> = captions.iter().map(|caption| caption["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["1", "1-2", "1-3"]);
    for (caption, (_, audio, said)) in captions.iter().zip(rows) {
        assert_eq!(caption["text"], said);
        assert_eq!(folder.read(&format!("out/{}", caption["file"].as_str().unwrap())), folder.read(audio));
    }
    // The picture's captions are all three, each with what is said in it.
    let image = folder.at("pics/dog.jpg");
    let found = hearsight(&["search", "--gallery", &out, "--image", &image, "--json"]).well().json();
    let mut said: Vec<&str> =
        found["captions"].as_array().unwrap().iter().map(|c| c["text"].as_str().unwrap()).collect();
    said.sort_unstable();
    assert_eq!(said, ["bee-on-dandelion", "scuba-diver", "steam-train"]);
}

#[test]
fn a_picture_is_found_whatever_its_letters() {
    let folder = Folder::with(&["pics/My Cat.jpg"]);
    folder.put("pics/猫 2.JPG", &picture("steam-train"));
    folder.put("pics/scho\u{308}n.png", &picture("scuba-diver"));
    let rows = [
        ("pics/My Cat.jpg", "1.ogg", "giant-tortoise"),
        ("pics/猫 2.JPG", "2.ogg", "steam-train"),
        ("pics\\SCH\u{d6}N.png", "3.ogg", "scuba-diver"),
    ];
    let table = table(&folder, &rows);
    let out = folder.at("out");
    gallery(&folder.at("pics"), &out, &["--captions", &table]).well();
    let figures = hearsight(&["evaluate", "--corpus", &table, "--gallery", &out, "--json"]).well().json();
    assert_eq!((&figures["images"], &figures["clips"]), (&3.into(), &3.into()));
    assert_eq!(figures["audio_to_image"]["r5"], 1.0);
}

#[test]
fn two_pictures_of_one_name_are_two() {
    let folder = Folder::with(&[]);
    folder.put("pics/a/1.jpg", &picture("steam-train"));
    folder.put("pics/b/1.jpg", &picture("scuba-diver"));
    let rows = [("pics/a/1.jpg", "1.ogg", "steam-train"), ("pics/b/1.jpg", "2.ogg", "scuba-diver")];
    let table = table(&folder, &rows);
    let out = folder.at("out");
    gallery(&folder.at("pics"), &out, &["--captions", &table]).well();
    let figures = hearsight(&["evaluate", "--corpus", &table, "--gallery", &out, "--json"]).well().json();
    assert_eq!(figures["audio_to_image"]["r1"], 1.0, "each clip finds its own");
    // A gallery of one of them is not a gallery of the other.
    let one = folder.at("one");
    let sentence = gallery(&folder.at("pics/a"), &one, &["--captions", &table]).refused();
    assert_says(&sentence, &["pics/b/1.jpg is not in the gallery"]);
    gallery(&folder.at("pics/a"), &one, &[]).well();
    let sentence = hearsight(&["evaluate", "--corpus", &table, "--gallery", &one]).refused();
    assert_says(&sentence, &["pics/a/1.jpg and pics/b/1.jpg are two pictures"]);
}

#[test]
fn one_file_spelled_twice_is_one() {
    let folder = Folder::with(&["a.jpg"]);
    let table = table(&folder, &[("a.jpg", "clips/1.ogg", "steam-train")]);
    folder.put(
        "pairs.tsv",
        b"image\taudio\na.jpg\tclips/1.ogg\n./a.jpg\tclips\\1.ogg\nA.JPG\t./clips/x/../1.ogg\n",
    );
    std::fs::create_dir(folder.path().join("clips/x")).unwrap();
    let done = hearsight(&["evaluate", "--corpus", &table, "--json"]).well();
    let figures = done.json();
    assert_eq!((&figures["images"], &figures["clips"]), (&1.into(), &1.into()));
    assert_says(&done.said, &["twice, and count once: 2"]);
}

#[test]
fn ids_of_a_table_are_names_and_no_two_alike() {
    let folder = Folder::with(&["images/a.webp", "images/b.webp"]);
    let with = |ids: [&str; 2]| {
        let row = |id: &str| format!("{id}\tA\tA.\tb\tCC0\tc\td\n");
        let table = format!("id\ttitle\talt\tauthor\tlicence\tsource\tgroup\n{}{}", row(ids[0]), row(ids[1]));
        folder.put("gallery.tsv", table.as_bytes());
        hearsight(&["gallery", "--data", &folder.at(""), "--out", &folder.at("out")])
    };
    assert_says(&with(["a", "a"]).refused(), &["\"a\" stands twice"]);
    assert_says(&with(["a", "../b"]).refused(), &["\"../b\" is no name"]);
    with(["a", "b"]).well();
}
