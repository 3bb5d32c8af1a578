//! The commands as a user types them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use burn::tensor::Device;
use hearsight::adapt::TeachRecipe;
use hearsight::adapt::{Plan, Recorded, Wishes};
use hearsight::engine::{PictureNetwork, Taught, Teaching};
use hearsight::network::{DIMENSIONS, SIDE, Storage, Weights};
use hearsight::picture::Pixels;
use pollster::block_on;
use serde_json::Value;

use crate::common;

fn hearsight(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hearsight"));
    command.current_dir(crate::ROOT).args(arguments).output().unwrap()
}

fn json(arguments: &[&str]) -> Value {
    let output = hearsight(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The one sentence of a failure.
fn failure(arguments: &[&str]) -> String {
    let output = hearsight(arguments);
    assert!(!output.status.success());
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.starts_with("hearsight: ") && text.trim_end().lines().count() == 1, "{text}");
    text
}

/// A folder of its own for one test.
fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A wav file of 16-bit mono samples at 16 kHz.
fn wav(path: &Path, samples: &[i16]) {
    let size = samples.len() as u32 * 2;
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + size).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    bytes.extend(16_000_u32.to_le_bytes());
    bytes.extend(32_000_u32.to_le_bytes());
    bytes.extend(b"\x02\0\x10\0data");
    bytes.extend(size.to_le_bytes());
    bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    std::fs::write(path, bytes).unwrap();
}

const SEARCH: [&str; 4] = ["search", "--gallery", "www/gallery", "--audio"];

#[test]
fn search_finds_what_the_examples_speak_of() {
    let expected: Value =
        serde_json::from_slice(&std::fs::read(crate::at("tests/e2e/expected.json")).unwrap()).unwrap();
    let expected = expected.as_object().unwrap();
    let found = expected.iter().filter(|(clip, picture)| {
        let clip = format!("www/examples/{clip}");
        let matches = json(&[&SEARCH[..], &[&clip, "--top", "5", "--json"]].concat());
        let matches = matches.as_array().unwrap();
        assert_eq!(matches.len(), 5);
        assert!(matches.windows(2).all(|two| two[0]["score"].as_f64() >= two[1]["score"].as_f64()));
        matches.iter().any(|found| found["id"] == **picture)
    });
    let (found, all) = (found.count(), expected.len());
    // Chance is 5 in 328 for each.
    assert!(2 * found >= all, "{found} of {all} among the first five");
}

#[test]
fn search_finds_pictures_and_captions_for_a_picture() {
    let image = |name: &str| {
        ["search", "--gallery", "www/gallery", "--top", "5", "--json", "--image", name].map(str::to_owned)
    };
    let search = |name: &str| json(&image(name).each_ref().map(String::as_str));
    let names = ["steam-train", "judo-match", "mime-artists", "village-street-walk"];
    let described = names.iter().filter(|name| {
        let found = search(&format!("www/gallery/images/{name}.webp"));
        assert_eq!(found["pictures"][0]["id"], **name);
        // The index's vectors lean half on written captions.
        assert!(found["pictures"][0]["score"].as_f64().unwrap() > 0.7);
        let captions = found["captions"].as_array().unwrap();
        assert_eq!(captions.len(), 5);
        assert!(captions.windows(2).all(|two| two[0]["score"].as_f64() >= two[1]["score"].as_f64()));
        captions.iter().any(|caption| caption["picture"] == **name)
    });
    // Chance is 25 in 1640 for each.
    assert!(described.count() >= 3);
    let sentence = failure(&image("www/gallery/gallery.json").each_ref().map(String::as_str));
    assert!(sentence.contains("cannot be read"), "{sentence}");
}

#[test]
fn evaluate_counts_both_ways_and_against_the_gallery() {
    let folder = scratch("evaluate");
    let root = crate::ROOT;
    let mut table = "image\taudio\ttext\tlanguage\tvoice\tsplit\n".to_owned();
    for (split, name, clip) in [
        ("a", "steam-train", "steam-train_6"),
        ("a", "scuba-diver", "scuba-diver_6"),
        ("a", "judo-match", "scuba-diver_6"),
        ("b", "astronaut-spacewalk", "astronaut-spacewalk_6"),
    ] {
        let (image, audio) = (format!("images/{name}.webp"), format!("{clip}.ogg"));
        table += &format!("{root}/www/gallery/{image}\t{root}/www/examples/{audio}\t\ten\tv\t{split}\n");
    }
    let path = folder.join("pairs.tsv");
    std::fs::write(&path, table).unwrap();
    let own = json(&["evaluate", "--corpus", text(&path), "--split", "a", "--json"]);
    assert_eq!((&own["images"], &own["clips"]), (&3.into(), &2.into()));
    assert_eq!(own["image_to_audio"]["r5"], 1.0);
    assert_eq!(own["audio_to_image"]["r10_interval"], serde_json::json!([1.0, 1.0]));
    let all = json(&["evaluate", "--corpus", text(&path), "--gallery", "www/gallery", "--json"]);
    assert_eq!((&all["images"], &all["clips"]), (&328.into(), &3.into()));
    let sentence = failure(&["evaluate", "--corpus", text(&path), "--split", "none"]);
    assert!(sentence.contains("no rows"), "{sentence}");
}

#[test]
fn bad_sound_gets_one_sentence() {
    let folder = scratch("bad-sound");
    let path = folder.join("clip.wav");
    let refuse = |samples: &[i16]| {
        wav(&path, samples);
        failure(&[&SEARCH[..], &[text(&path)]].concat())
    };
    assert!(refuse(&[0; 32_000]).contains("No speech was heard"));
    assert!(refuse(&[]).contains("sound"));
    let tone: Vec<i16> = (0..25 * 16_000).map(|n| ((f64::from(n) * 0.1).sin() * 9000.0) as i16).collect();
    assert!(refuse(&tone).contains("at most 20 seconds"));
    std::fs::write(&path, b"RIFF this is no sound").unwrap();
    assert!(failure(&[&SEARCH[..], &[text(&path)]].concat()).contains("cannot be read as sound"));
    assert!(failure(&[&SEARCH[..], &["missing.wav"]].concat()).contains("missing.wav"));
}

#[test]
fn bad_weights_get_one_sentence() {
    let folder = scratch("bad-weights");
    let search = |model: &Path| {
        let clip = "www/examples/steam-train_6.ogg";
        failure(&[&SEARCH[..], &[clip, "--model", text(model)]].concat())
    };
    assert!(search(&folder.join("nowhere")).contains("Check the path"));
    let whole = std::fs::read(crate::at("www/models/speech.safetensors")).unwrap();
    std::fs::write(folder.join("speech.safetensors"), &whole[..whole.len() / 2]).unwrap();
    assert!(search(&folder).contains("Download it again"));
    std::fs::copy(crate::at("www/gallery/index.safetensors"), folder.join("speech.safetensors")).unwrap();
    assert!(search(&folder).contains("another version"));
}

#[test]
fn a_gallery_is_built_from_a_folder_and_leans_on_its_captions() {
    let folder = scratch("gallery");
    for (from, to) in [("www/models", "model"), ("www/gallery/images", "data/images")] {
        std::fs::create_dir_all(folder.join(to)).unwrap();
        for name in ["speech.safetensors", "picture.safetensors", "steam-train.webp", "scuba-diver.webp"] {
            let _ = std::fs::copy(crate::at(from).join(name), folder.join(to).join(name));
        }
    }
    let row = |id: &str| format!("{id}\t{id}\tAlt.\tAn author\tCC0\thttps://example.org\tgroup\n");
    let table = format!(
        "id\ttitle\talt\tauthor\tlicence\tsource\tgroup\n{}{}",
        row("steam-train"),
        row("scuba-diver")
    );
    std::fs::write(folder.join("data/gallery.tsv"), table).unwrap();
    // Of the steam train it is written what the clip says; the dev caption does not count.
    let clip = format!("{}/www/examples/scuba-diver_6.ogg", crate::ROOT);
    let captions =
        "id\tn\tsplit\ttext\nsteam-train\t1\ttrain\tas it sounds\nsteam-train\t4\tdev\tnobody reads this\n";
    std::fs::write(folder.join("data/captions.tsv"), captions).unwrap();
    let vector = json(&["embed", "--audio", &clip]);
    let vector = vector.as_array().unwrap().iter().map(|v| v.as_f64().unwrap() as f32).collect();
    let mut texts = Weights::default();
    texts.insert("embeddings", &[1, DIMENSIONS], vector);
    texts.metadata.insert("texts".into(), "as it sounds".into());
    std::fs::write(folder.join("texts.safetensors"), texts.write(Storage::F16).unwrap()).unwrap();

    // The gallery beside a model is the one that its page shows.
    let (data, model, out) = (folder.join("data"), folder.join("model"), folder.join("gallery"));
    let build = |more: &[&str]| {
        let gallery = ["gallery", "--data", text(&data), "--model", text(&model), "--out", text(&out)];
        let output = hearsight(&[&gallery, more].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let found = json(&["search", "--gallery", text(&out), "--audio", &clip, "--json"]);
        assert_eq!(found.as_array().unwrap().len(), 2);
        let train = found.as_array().unwrap().iter().find(|found| found["id"] == "steam-train").unwrap();
        train["score"].as_f64().unwrap()
    };
    let alone = build(&[]);
    let record: Value = serde_json::from_slice(&std::fs::read(model.join("model.json")).unwrap()).unwrap();
    assert!(record["files"]["index"]["sha256"].is_string(), "{record}");
    // The picture that was written about comes nearer.
    let described = build(&["--texts", text(&folder.join("texts.safetensors"))]);
    assert!(described > alone + 0.3, "{alone} {described}");
    std::fs::write(data.join("images/steam-train.webp"), b"no picture").unwrap();
    assert!(
        failure(&["gallery", "--data", text(&data), "--model", text(&model), "--out", text(&out)])
            .contains("steam-train")
    );
}

#[test]
fn a_lesson_is_taught_and_its_file_is_evaluated() {
    let folder = scratch("teach");
    let root = crate::ROOT;
    // Each clip is about the other picture: what the network knows cannot help it.
    let row = |picture: &str, clip: &str| {
        format!(
            "{root}/www/gallery/images/{picture}.webp\t{root}/www/examples/{clip}_6.ogg\t\ten\tv\ttrain\n"
        )
    };
    let header = "image\taudio\ttext\tlanguage\tvoice\tsplit\n";
    let rows = [row("steam-train", "scuba-diver"), row("scuba-diver", "steam-train")].concat();
    let (table, taught) = (folder.join("pairs.tsv"), folder.join("taught.hearsight"));
    std::fs::write(&table, format!("{header}{rows}")).unwrap();
    let recall = |model: &str| {
        json(&["evaluate", "--model", model, "--pairs", text(&table), "--json"])["audio_to_image"]["r1"]
            .as_f64()
            .unwrap()
    };
    assert!(recall("www/models") < 0.1);
    let lesson = [
        "teach",
        "--pairs",
        text(&table),
        "--split",
        "train",
        "--minutes",
        "5",
        "--force",
        "--out",
        text(&taught),
    ];
    let quick =
        ["--steps", "30", "--views", "2", "--rehearse", "8", "--remember", "4", "--learning-rate", "0.002"];
    let output = hearsight(&[&lesson[..], &quick[..]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("2 pictures, 6 recordings heard, 30 steps"));
    assert!(recall(text(&taught)) > 0.9);

    std::fs::write(&table, format!("{header}{}", row("steam-train", "steam-train"))).unwrap();
    // With nothing rehearsed there is no other picture.
    assert!(failure(&[&lesson[..], &["--rehearse", "0"]].concat()).contains("One picture alone"));
    let bytes = std::fs::read(&taught).unwrap();
    std::fs::write(&taught, &bytes[..bytes.len() - 100]).unwrap();
    assert!(failure(&["evaluate", "--model", text(&taught), "--pairs", text(&table)]).contains(".hearsight"));
}

/// What the page does with a plan (www/teach/lesson.js) comes to what the command line does with the same recordings.
#[test]
fn a_plan_by_hand_comes_to_what_the_command_line_teaches() {
    let folder = scratch("plan");
    let root = crate::ROOT;
    let forwards = common::clip();
    let backwards: Vec<f32> = forwards.iter().rev().copied().collect();
    // In the order of their names, in which the command line adds them to the wall.
    let pictures = ["scuba-diver", "steam-train"].map(|id| format!("{root}/www/gallery/images/{id}.webp"));
    let mut rows = "image\taudio\n".to_owned();
    for (picture, (name, clip)) in pictures.iter().zip([("f.wav", &forwards), ("b.wav", &backwards)]) {
        std::fs::write(folder.join(name), hearsight::gallery::wav(clip, 16_000).unwrap()).unwrap();
        rows += &format!("{picture}\t{name}\n");
    }
    let (table, out) = (folder.join("pairs.tsv"), folder.join("taught.hearsight"));
    std::fs::write(&table, rows).unwrap();
    let wishes = ["--steps", "6", "--views", "1", "--rehearse", "0", "--remember", "0"];
    let output = hearsight(
        &[&["teach", "--force", "--pairs", text(&table), "--out", text(&out)], &wishes[..]].concat(),
    );
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let by_command = Taught::read(&std::fs::read(&out).unwrap()).unwrap().about;
    assert!(by_command.made.ends_with('Z') && by_command.made.contains('T'), "{}", by_command.made);

    let network = PictureNetwork::load(common::PICTURE_NETWORK, &Device::flex()).unwrap();
    let mut index = common::pictures();
    for picture in &pictures {
        let pixels = Pixels::decode(&std::fs::read(picture).unwrap(), SIDE).unwrap();
        index.push(picture.clone(), &block_on(network.embed(&pixels)).unwrap());
    }
    let recorded = pictures.each_ref().map(|picture| Recorded { picture: picture.clone(), held: false });
    let wishes = Wishes { views: Some(1), steps: Some(6), rehearse: Some(0), remember: Some(0) };
    let plan = Plan::new(&recorded, &[], wishes);
    let recipe = TeachRecipe { steps: plan.steps, ..TeachRecipe::default() };
    let mut teaching = Teaching::new(common::SPEECH, None, index, recipe, &Device::flex()).unwrap();
    for hearing in &plan.hearings {
        let clip = if hearing.number == 0 { &forwards } else { &backwards };
        block_on(teaching.take(hearing.role, &recorded[hearing.number].picture, clip, hearing.view)).unwrap();
    }
    block_on(teaching.begin()).unwrap();
    while !teaching.finished() {
        block_on(teaching.step()).unwrap();
    }
    let by_plan = block_on(teaching.taught("", "")).unwrap().about;
    assert_eq!((by_plan.recordings, by_plan.losses.len()), (4, 6));
    for ((_, one), (_, other)) in by_plan.losses.iter().zip(&by_command.losses) {
        assert!((one - other).abs() < 1e-4, "{:?} {:?}", by_plan.losses, by_command.losses);
    }
    assert_eq!((by_plan.before, by_plan.after), (by_command.before, by_command.after));
}
