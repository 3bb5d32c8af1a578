//! `cargo xtask publish`: a folder with everything that a web server needs, and the list that goes with it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{self, Path};

use crate::error::{Error, Result};
use crate::files::{self, LIST, Lister, POLICY, SERVICE_WORKER};
use crate::process::{answer, command, find};

/// Joins the page's modules into a few files below `out`; gives the paths of the modules that are in them.
pub fn join_modules(root: &Path, out: &Path) -> Result<BTreeSet<String>> {
    let node = find(root, "node").unwrap_or_else(|| "node".into());
    let out = path::absolute(out).map_err(Error::file(out))?;
    let modules = answer(command(root, node).arg("xtask/join-modules.mjs").arg(out))?;
    Ok(modules.lines().map(str::to_owned).collect())
}

/// Copies the built page to `out`, a folder that is empty or not there yet, with its modules as `join` writes them; gives the bytes
/// of what a browser asks for.
pub fn publish(
    root: &Path,
    out: &Path,
    join: impl FnOnce(&Path, &Path) -> Result<BTreeSet<String>>,
) -> Result<u64> {
    if fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some()) {
        let problem = "it is not empty; name another folder, or delete this one first".into();
        return Err(Error::Content { path: out.into(), problem });
    }
    let program = root.join("pkg/hearsight_bg.wasm");
    if !program.is_file() {
        let problem = "it is not built yet; leave out --no-build".into();
        return Err(Error::Content { path: program, problem });
    }
    let joined = join(root, out)?;
    let paths = files::everything(root)?;
    let copied = paths.iter().filter(|path| !path.ends_with(".d.ts") && !joined.contains(*path));
    for path in copied.map(String::as_str).chain([SERVICE_WORKER]) {
        let (from, to) = (root.join(path), out.join(path));
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder).map_err(Error::file(folder))?;
        }
        fs::copy(&from, &to).map_err(Error::file(&from))?;
    }
    // Of the copies: what is listed is what is there.
    let listed = Lister::default().list(out)?;
    for (name, content) in [("_headers", POLICY.into()), (LIST, files::to_json(&listed, false))] {
        let path = out.join(name);
        fs::write(&path, content).map_err(Error::file(&path))?;
    }
    Ok(listed.iter().map(|file| file.bytes).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_published_folder_holds_the_page_its_worker_its_headers_and_its_list() {
        let folder = std::env::temp_dir().join(format!("hearsight-xtask-publish-{}", std::process::id()));
        let (root, out) = (folder.join("root"), folder.join("out"));
        let join = |_: &Path, out: &Path| {
            fs::create_dir_all(out.join("www")).unwrap();
            fs::write(out.join("www/app.js"), "joined").unwrap();
            Ok(["www/app.js", "www/part.js"].map(str::to_owned).into())
        };
        for (path, content) in [
            ("index.html", "page"),
            ("service-worker.js", "worker"),
            ("Cargo.toml", "secret"),
            ("www/app.js", "app"),
            ("www/part.js", "part of app"),
            ("www/types.d.ts", "types"),
            ("pkg/hearsight_bg.wasm", "wasm"),
        ] {
            assert!(publish(&root, &out, join).is_err(), "not before all of it is there");
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        assert_eq!(publish(&root, &out, join).unwrap(), "pagejoinedwasm".len() as u64);
        for path in ["index.html", "service-worker.js", "www/app.js", "pkg/hearsight_bg.wasm", "_headers"] {
            assert!(out.join(path).is_file(), "{path}");
        }
        for path in ["Cargo.toml", "www/types.d.ts", "www/part.js"] {
            assert!(!out.join(path).exists(), "{path}");
        }
        let list: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(out.join(LIST)).unwrap()).unwrap();
        let listed = list["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap());
        assert_eq!(listed.collect::<Vec<_>>(), ["index.html", "pkg/hearsight_bg.wasm", "www/app.js"]);
        assert!(list.get("development").is_none());

        let refused = publish(&root, &out, join).unwrap_err().to_string();
        assert!(refused.contains("is not empty"), "{refused}");
        fs::remove_dir_all(folder).unwrap();
    }
}
