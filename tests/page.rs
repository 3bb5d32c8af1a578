//! What index.html says of the page's own files.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

fn read(path: &Path) -> String {
    let whole = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&whole).unwrap_or_else(|error| panic!("{}: {error}", whole.display()))
}

/// The modules that one imports, not those that it may import later: `import … from "./one.js";`, a line each.
fn imports(module: &Path) -> impl Iterator<Item = PathBuf> {
    let text = read(module);
    let named = text.lines().filter(|line| line.starts_with("import ")).filter_map(|line| {
        let (_, name) = line.strip_suffix("\";")?.rsplit_once('"')?;
        Some(module.parent()?.join(name).components().fold(PathBuf::new(), |mut path, part| {
            match part {
                Component::ParentDir => drop(path.pop()),
                Component::CurDir => {}
                part => path.push(part),
            }
            path
        }))
    });
    named.collect::<Vec<_>>().into_iter()
}

#[test]
fn every_module_of_the_page_is_preloaded() {
    let mut modules = BTreeSet::new();
    let mut new = vec![PathBuf::from("www/app.js")];
    while let Some(module) = new.pop() {
        if modules.insert(module.clone()) {
            new.extend(imports(&module));
        }
    }
    modules.remove(Path::new("www/app.js"));
    let page = read(Path::new("index.html"));
    let preloaded = page.split("rel=\"modulepreload\" href=\"").skip(1);
    let preloaded: BTreeSet<_> =
        preloaded.map(|link| PathBuf::from(link.split('"').next().unwrap())).collect();
    assert!(modules.len() > 40, "the imports are read wrongly");
    assert_eq!(preloaded, modules);
}
